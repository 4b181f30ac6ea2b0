//===- WindowOps.cpp - The meaning of the window movement -----------------===//

#include "compiler/Reference/OpEvaluation.h"

using namespace oriel;

/// Calls `body(b, y, x, c)` for each element of a map [B, H, W, C].
template <typename Body>
static void forEachElement(const Tensor &map, Body body) {
  for (int64_t b = 0; b < map.shape[0]; ++b) {
    for (int64_t y = 0; y < map.shape[1]; ++y) {
      for (int64_t x = 0; x < map.shape[2]; ++x) {
        for (int64_t c = 0; c < map.shape[3]; ++c) {
          body(b, y, x, c);
        }
      }
    }
  }
}

/// A pixel (y, x) of a map that tiles of [height, width] cut: which tile, and where in it; both
/// row-major.
struct TilePosition {
  int64_t tile, position;

  TilePosition(int64_t y, int64_t x, int64_t mapWidth, llvm::ArrayRef<int64_t> tileShape)
      : tile(y / tileShape[0] * (mapWidth / tileShape[1]) + x / tileShape[1]),
        position(y % tileShape[0] * tileShape[1] + x % tileShape[1]) {}
};

Tensor oriel::evaluate(RollOp op, Operands<RollOp> operands) {
  const Tensor &input = *operands.getInput();
  Tensor result = makeResult(op);
  auto wrap = [](int64_t coordinate, int64_t extent) {
    return (coordinate % extent + extent) % extent;
  };
  forEachElement(result, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    result.at(b, y, x, c) = input.at(b, wrap(y - op.getShift()[0], input.shape[1]),
                                     wrap(x - op.getShift()[1], input.shape[2]), c);
  });
  return result;
}

Tensor oriel::evaluate(WindowPartitionOp op, Operands<WindowPartitionOp> operands) {
  const Tensor &input = *operands.getInput();
  Tensor result = makeResult(op);
  forEachElement(input, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    TilePosition pixel(y, x, input.shape[2], op.getWindow());
    result.at(b, pixel.tile, pixel.position, c) = input.at(b, y, x, c);
  });
  return result;
}

Tensor oriel::evaluate(WindowReverseOp op, Operands<WindowReverseOp> operands) {
  const Tensor &input = *operands.getInput();
  Tensor result = makeResult(op);
  forEachElement(result, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    TilePosition pixel(y, x, result.shape[2], op.getWindow());
    result.at(b, y, x, c) = input.at(b, pixel.tile, pixel.position, c);
  });
  return result;
}

Tensor oriel::evaluate(UnfoldPatchesOp op, Operands<UnfoldPatchesOp> operands) {
  const Tensor &input = *operands.getInput();
  Tensor result = makeResult(op);
  forEachElement(input, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    TilePosition pixel(y, x, input.shape[2], op.getPatch());
    result.at(b, pixel.position, pixel.tile, c) = input.at(b, y, x, c);
  });
  return result;
}

Tensor oriel::evaluate(FoldPatchesOp op, Operands<FoldPatchesOp> operands) {
  const Tensor &input = *operands.getInput();
  Tensor result = makeResult(op);
  forEachElement(result, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    TilePosition pixel(y, x, result.shape[2], op.getPatch());
    result.at(b, y, x, c) = input.at(b, pixel.position, pixel.tile, c);
  });
  return result;
}

Tensor oriel::evaluate(PatchMergeOp op, Operands<PatchMergeOp> operands) {
  const Tensor &input = *operands.getInput();
  int64_t channels = input.shape[3];
  Tensor result = makeResult(op);
  forEachElement(result, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    int64_t k = c / channels;
    result.at(b, y, x, c) = input.at(b, 2 * y + k % 2, 2 * x + k / 2, c % channels);
  });
  return result;
}
