//===- ParameterOps.cpp - Constraints of the parameter arithmetic ---------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"

using namespace mlir;
using namespace oriel;

ORIEL_INFER(BatchNormScaleOp) {
  ShapeCheck check(location, "batch_norm_scale");
  check.rank(adaptor.getGamma(), 1, "C1", "gamma") &&
      check.shape(adaptor.getVariance(), shapeOf(adaptor.getGamma()), "C2", "variance");
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getGamma().getType());
  return success();
}

ORIEL_INFER(BatchNormOffsetOp) {
  ShapeCheck check(location, "batch_norm_offset");
  auto shape = shapeOf(adaptor.getBeta());
  check.rank(adaptor.getBeta(), 1, "C1", "beta") &&
      check.shape(adaptor.getMean(), shape, "C2", "mean") &&
      check.shape(adaptor.getScale(), shape, "C2", "scale") &&
      check.shape(adaptor.getBias(), shape, "C2", "bias");
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getBeta().getType());
  return success();
}

ORIEL_INFER(ScaleFiltersOp) {
  ShapeCheck check(location, "scale_filters");
  auto shape = shapeOf(adaptor.getFilter());
  check.require(!shape.empty(), "C1", "filter has rank 0") &&
      check.shape(adaptor.getScale(), shape.take_front(1), "C2", "scale");
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getFilter().getType());
  return success();
}

ORIEL_INFER(WinogradFilterOp) {
  ShapeCheck check(location, "winograd_filter");
  auto shape = shapeOf(adaptor.getFilter());
  if (check.rank(adaptor.getFilter(), 4, "C1", "filter")) {
    check.require(shape[2] == 3 && shape[3] == 3, "C2", "filter is ", formatShape(shape),
                  ", expected 3x3 in its last two dimensions");
  }
  if (check.failed()) {
    return failure();
  }
  types.push_back(tensorOf(context, {shape[0], shape[1], 4, 4}));
  return success();
}

/// Whether an attribute that stands for (y, x) has two values of at least `minimum`.
static bool isPair(ArrayRef<int64_t> values, int64_t minimum) {
  return values.size() == 2 && values[0] >= minimum && values[1] >= minimum;
}

ORIEL_INFER(RelativePositionBiasOp) {
  ShapeCheck check(location, "relative_position_bias");
  auto window = adaptor.getWindow();
  auto table = shapeOf(adaptor.getTable());
  if (check.require(isPair(window, 1), "C1", "window must be two positive numbers") &&
      check.rank(adaptor.getTable(), 2, "C2", "table")) {
    int64_t rows = (2 * window[0] - 1) * (2 * window[1] - 1);
    check.require(table[0] == rows, "C3", "table is ", formatShape(table), ", a window of ",
                  formatShape(window), " needs ", rows, " rows");
  }
  if (check.failed()) {
    return failure();
  }
  int64_t tokens = window[0] * window[1];
  types.push_back(tensorOf(context, {table[1], tokens, tokens}));
  return success();
}

ORIEL_INFER(ShiftMaskOp) {
  ShapeCheck check(location, "shift_mask");
  auto map = adaptor.getMap(), window = adaptor.getWindow(), shift = adaptor.getShift();
  check.require(isPair(map, 1) && isPair(window, 1), "C1",
                "map and window must be two positive numbers each") &&
      check.require(map[0] % window[0] == 0 && map[1] % window[1] == 0, "C2", "windows of ",
                    formatShape(window), " do not tile a map of ", formatShape(map)) &&
      check.require(isPair(shift, 0) && shift[0] < window[0] && shift[1] < window[1], "C3",
                    "shift must be two numbers from 0 to the window's size less one");
  if (check.failed()) {
    return failure();
  }
  int64_t tokens = window[0] * window[1];
  int64_t windows = adaptor.getByClass() ? 4 : (map[0] / window[0]) * (map[1] / window[1]);
  types.push_back(tensorOf(context, {windows, 1, tokens, tokens}));
  return success();
}

ORIEL_INFER(PackOp) {
  ShapeCheck check(location, "pack");
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  auto rank = type.getRank();
  check.require(rank == 1 || rank == 2 || rank == 4, "C1", "input has rank ", rank,
                ", expected 1, 2 or 4") &&
      check.require(!type.getEncoding(), "C2", "input is packed already") &&
      check.require(!adaptor.getDepthwise() || (rank == 4 && type.getDimSize(1) == 1), "C3",
                    "input is ", formatShape(type.getShape()),
                    ", a depthwise filter is Cx1 by its height and width");
  if (check.failed()) {
    return failure();
  }
  auto panels = PanelsAttr::get(context, adaptor.getDepthwise());
  types.push_back(RankedTensorType::get(type.getShape(), type.getElementType(), panels));
  return success();
}
