//===- WindowOps.cpp - Constraints and folds of the window movement -------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"

using namespace mlir;
using namespace oriel;

static bool isPositivePair(ArrayRef<int64_t> values) {
  return values.size() == 2 && values[0] > 0 && values[1] > 0;
}

/// Checks that `tile` (a window or a patch) tiles a map.
static bool checkTiles(ShapeCheck &check, ArrayRef<int64_t> map, ArrayRef<int64_t> tile,
                       StringRef name) {
  return check.require(isPositivePair(tile), "C2", name, " must be two positive numbers") &&
         check.require(map[0] % tile[0] == 0 && map[1] % tile[1] == 0, "C3", name, " ",
                       formatShape(tile), " does not tile a map of ", formatShape(map));
}

/// Result of cutting [B, H, W, C]: `groups` first (windows) or the tile's positions first
/// (patches).
static LogicalResult inferCut(ShapeCheck &check, Value input, ArrayRef<int64_t> tile,
                              StringRef name, bool positionsFirst, SmallVectorImpl<Type> &types) {
  if (!check.rank(input, 4, "C1", "input")) {
    return failure();
  }
  auto shape = shapeOf(input);
  if (!checkTiles(check, shape.slice(1, 2), tile, name)) {
    return failure();
  }
  int64_t tiles = (shape[1] / tile[0]) * (shape[2] / tile[1]), positions = tile[0] * tile[1];
  types.push_back(tensorOf(input.getContext(), {shape[0], positionsFirst ? positions : tiles,
                                                positionsFirst ? tiles : positions, shape[3]}));
  return success();
}

/// Result of putting [B, G, T, C] back into a map.
static LogicalResult inferJoin(ShapeCheck &check, Value input, ArrayRef<int64_t> tile,
                               ArrayRef<int64_t> map, StringRef name, bool positionsFirst,
                               SmallVectorImpl<Type> &types) {
  if (!check.rank(input, 4, "C1", "input") ||
      !check.require(isPositivePair(map), "C4", "map must be two positive numbers") ||
      !checkTiles(check, map, tile, name)) {
    return failure();
  }
  auto shape = shapeOf(input);
  int64_t tiles = (map[0] / tile[0]) * (map[1] / tile[1]), positions = tile[0] * tile[1];
  int64_t groups = positionsFirst ? positions : tiles, tokens = positionsFirst ? tiles : positions;
  if (!check.require(shape[1] == groups && shape[2] == tokens, "C5", "input is ",
                     formatShape(shape), ", a map of ", formatShape(map), " needs ", groups,
                     " groups of ", tokens, " tokens")) {
    return failure();
  }
  types.push_back(tensorOf(input.getContext(), {shape[0], map[0], map[1], shape[3]}));
  return success();
}

ORIEL_INFER(RollOp) {
  ShapeCheck check(location, "roll");
  check.rank(adaptor.getInput(), 4, "C1", "input") &&
      check.require(adaptor.getShift().size() == 2, "C2", "shift must be two numbers");
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getInput().getType());
  return success();
}

ORIEL_INFER(WindowPartitionOp) {
  ShapeCheck check(location, "window_partition");
  return inferCut(check, adaptor.getInput(), adaptor.getWindow(), "window", false, types);
}

ORIEL_INFER(WindowReverseOp) {
  ShapeCheck check(location, "window_reverse");
  return inferJoin(check, adaptor.getInput(), adaptor.getWindow(), adaptor.getMap(), "window",
                   false, types);
}

ORIEL_INFER(UnfoldPatchesOp) {
  ShapeCheck check(location, "unfold_patches");
  return inferCut(check, adaptor.getInput(), adaptor.getPatch(), "patch", true, types);
}

ORIEL_INFER(FoldPatchesOp) {
  ShapeCheck check(location, "fold_patches");
  return inferJoin(check, adaptor.getInput(), adaptor.getPatch(), adaptor.getMap(), "patch", true,
                   types);
}

ORIEL_INFER(PatchMergeOp) {
  ShapeCheck check(location, "patch_merge");
  if (!check.rank(adaptor.getInput(), 4, "C1", "input")) {
    return failure();
  }
  auto shape = shapeOf(adaptor.getInput());
  if (!check.require(shape[1] % 2 == 0 && shape[2] % 2 == 0, "C2", "input ", formatShape(shape),
                     " has an odd height or width")) {
    return failure();
  }
  types.push_back(tensorOf(context, {shape[0], shape[1] / 2, shape[2] / 2, 4 * shape[3]}));
  return success();
}

// roll {a}(x) = x and roll {b}(roll {a - b}(x)) = x, where a = 0 modulo the map
OpFoldResult RollOp::fold(FoldAdaptor) {
  auto map = getType().getShape().slice(1, 2);
  if (getShift()[0] % map[0] == 0 && getShift()[1] % map[1] == 0) {
    return getInput();
  }
  auto inner = getInput().getDefiningOp<RollOp>();
  bool cancels = inner && (getShift()[0] + inner.getShift()[0]) % map[0] == 0 &&
                 (getShift()[1] + inner.getShift()[1]) % map[1] == 0;
  return cancels ? inner.getInput() : OpFoldResult();
}

/// f(g(x)) = x where g is the inverse of f.
template <typename Inverse, typename Tile>
static OpFoldResult foldInverse(Value input, Type type, Tile tileOf, ArrayRef<int64_t> tile) {
  auto inner = input.getDefiningOp<Inverse>();
  bool cancels = inner && tileOf(inner) == tile && inner.getInput().getType() == type;
  return cancels ? inner.getInput() : OpFoldResult();
}

OpFoldResult WindowPartitionOp::fold(FoldAdaptor) {
  return foldInverse<WindowReverseOp>(
      getInput(), getType(), [](auto op) { return op.getWindow(); }, getWindow());
}

OpFoldResult WindowReverseOp::fold(FoldAdaptor) {
  return foldInverse<WindowPartitionOp>(
      getInput(), getType(), [](auto op) { return op.getWindow(); }, getWindow());
}

OpFoldResult UnfoldPatchesOp::fold(FoldAdaptor) {
  return foldInverse<FoldPatchesOp>(
      getInput(), getType(), [](auto op) { return op.getPatch(); }, getPatch());
}

OpFoldResult FoldPatchesOp::fold(FoldAdaptor) {
  return foldInverse<UnfoldPatchesOp>(
      getInput(), getType(), [](auto op) { return op.getPatch(); }, getPatch());
}
