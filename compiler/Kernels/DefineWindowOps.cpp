//===- DefineWindowOps.cpp - The index maps of window movement ------------===//
//
// Each op is an inlined Func that reads its operand at another row. The channel, which loops are
// vectorised over, is never divided. Coordinates are clamped to the map, which they never leave,
// for bounds inference, which does not see that.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/DefineOps.h"

using namespace oriel;
using Halide::Expr, Halide::Func, Halide::Var;

static Expr clampTo(const Expr &position, int64_t extent) {
  return clamp(position, 0, static_cast<int>(extent - 1));
}

static DefinedValue makeResult(const char *name, llvm::ArrayRef<int64_t> shape) {
  return {Func(name), llvm::SmallVector<int64_t>(shape)};
}

// r[b, y, x, c] = input[b, (y - shift) mod H, (x - shift) mod W, c]
DefinedValue oriel::defineOp(RollOp op, const DefinedValue &input) {
  DefinedValue result = makeResult("roll", input.shape);
  auto source = [](Var position, int64_t shift, int64_t extent) {
    int distance = static_cast<int>(((-shift) % extent + extent) % extent);
    int size = static_cast<int>(extent);
    Expr moved = position + distance;
    return clampTo(select(moved >= size, moved - size, moved), extent);
  };
  Var c("c"), x("x"), y("y"), b("b");
  result.func(c, x, y, b) = input.func(c, source(x, op.getShift()[1], input.shape[2]),
                                       source(y, op.getShift()[0], input.shape[1]), b);
  return result;
}

/// Result [B, tiles, positions, C] of cutting a map into tiles, or [B, positions, tiles, C].
static DefinedValue cut(const char *name, const DefinedValue &input, llvm::ArrayRef<int64_t> tile,
                        bool positionsFirst) {
  int64_t height = input.shape[1], width = input.shape[2];
  int tileY = static_cast<int>(tile[0]), tileX = static_cast<int>(tile[1]);
  int64_t columns = width / tileX, tiles = columns * (height / tileY);
  int64_t positions = tile[0] * tile[1];
  DefinedValue result = makeResult(name, {input.shape[0], positionsFirst ? positions : tiles,
                                          positionsFirst ? tiles : positions, input.shape[3]});
  Var c("c"), t("t"), g("g"), b("b");
  Expr cell = positionsFirst ? t : g, position = positionsFirst ? g : t;
  Expr y = (cell / static_cast<int>(columns)) * tileY + position / tileX;
  Expr x = (cell % static_cast<int>(columns)) * tileX + position % tileX;
  result.func(c, t, g, b) = input.func(c, clampTo(x, width), clampTo(y, height), b);
  return result;
}

/// The inverse of cut.
static DefinedValue join(const char *name, const DefinedValue &input, llvm::ArrayRef<int64_t> tile,
                         llvm::ArrayRef<int64_t> map, bool positionsFirst) {
  int tileY = static_cast<int>(tile[0]), tileX = static_cast<int>(tile[1]);
  int columns = static_cast<int>(map[1]) / tileX;
  DefinedValue result = makeResult(name, {input.shape[0], map[0], map[1], input.shape[3]});
  Var c("c"), x("x"), y("y"), b("b");
  Expr cell = (y / tileY) * columns + x / tileX, position = (y % tileY) * tileX + x % tileX;
  Expr token = clampTo(positionsFirst ? cell : position, input.shape[2]);
  Expr group = clampTo(positionsFirst ? position : cell, input.shape[1]);
  result.func(c, x, y, b) = input.func(c, token, group, b);
  return result;
}

DefinedValue oriel::defineOp(WindowPartitionOp op, const DefinedValue &input) {
  return cut("window_partition", input, op.getWindow(), false);
}

DefinedValue oriel::defineOp(WindowReverseOp op, const DefinedValue &input) {
  return join("window_reverse", input, op.getWindow(), op.getMap(), false);
}

DefinedValue oriel::defineOp(UnfoldPatchesOp op, const DefinedValue &input) {
  return cut("unfold_patches", input, op.getPatch(), true);
}

DefinedValue oriel::defineOp(FoldPatchesOp op, const DefinedValue &input) {
  return join("fold_patches", input, op.getPatch(), op.getMap(), true);
}

// r[b, y, x, k*C + c] = input[b, 2y + k mod 2, 2x + k/2, c]
DefinedValue oriel::defineOp(PatchMergeOp, const DefinedValue &input) {
  int channels = input.extent();
  DefinedValue result = makeResult(
      "patch_merge", {input.shape[0], input.shape[1] / 2, input.shape[2] / 2, 4 * input.shape[3]});
  Var c("c"), x("x"), y("y"), b("b");
  Expr k = c / channels;
  result.func(c, x, y, b) = input.func(c % channels, clampTo(2 * x + k / 2, input.shape[2]),
                                       clampTo(2 * y + k % 2, input.shape[1]), b);
  return result;
}
