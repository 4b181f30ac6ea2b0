//===- TokenMap.cpp - Where in a feature map the tokens of a group lie ----===//

#include "compiler/Kernels/TokenMap.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr;

void TokenMap::setTiles(ArrayRef<int64_t> map, ArrayRef<int64_t> tileSize, bool positions) {
  for (unsigned i : {0, 1}) {
    size[i] = static_cast<int>(map[i]);
    tile[i] = static_cast<int>(tileSize[i]);
  }
  groupsArePositions = positions;
}

TokenMap::TokenMap(ArrayRef<Operation *> maps) {
  auto mapOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape().slice(1, 2);
  };
  for (Operation *op : maps) {
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](WindowPartitionOp op) { setTiles(mapOf(op.getInput()), op.getWindow(), false); })
        .Case([&](UnfoldPatchesOp op) { setTiles(mapOf(op.getInput()), op.getPatch(), true); })
        .Case([&](WindowReverseOp op) { setTiles(op.getMap(), op.getWindow(), false); })
        .Case([&](FoldPatchesOp op) { setTiles(op.getMap(), op.getPatch(), true); });
  }
  for (auto [position, op] : llvm::enumerate(maps)) {
    auto roll = dyn_cast<RollOp>(op);
    for (unsigned i : {0, 1}) {
      // A pixel of the cut map is read from `shift` before it, one of the joined map stored to
      // `shift` behind it.
      int distance = roll ? static_cast<int>(roll.getShift()[i]) * (position == 0 ? -1 : 1) : 0;
      shift[i] = (shift[i] + distance % size[i] + size[i]) % size[i];
    }
  }
}

Expr TokenMap::pixel(unsigned dimension, const Expr &t, const Expr &g) const {
  int tileColumns = size[1] / tile[1];
  Expr cell = groupsArePositions ? t : g, position = groupsArePositions ? g : t;
  Expr pixel = dimension == 0 ? cell / tileColumns * tile[0] + position / tile[1]
                              : cell % tileColumns * tile[1] + position % tile[1];
  Expr moved = pixel + shift[dimension];
  return select(moved >= size[dimension], moved - size[dimension], moved);
}

Expr TokenMap::x(const Expr &t, const Expr &g) const { return pixel(1, t, g); }
Expr TokenMap::y(const Expr &t, const Expr &g) const { return pixel(0, t, g); }
