//===- ParameterOps.cpp - The meaning of the parameter arithmetic ---------===//

#include "compiler/Reference/OpEvaluation.h"

#include <cmath>

using namespace oriel;

Tensor oriel::evaluate(BatchNormScaleOp op, Operands<BatchNormScaleOp> operands) {
  const Tensor &gamma = *operands.getGamma(), &variance = *operands.getVariance();
  double epsilon = op.getEpsilon().convertToDouble();
  Tensor result = makeResult(op);
  for (size_t c = 0; c < result.values.size(); ++c) {
    result.values[c] = gamma.values[c] / std::sqrt(variance.values[c] + epsilon);
  }
  return result;
}

Tensor oriel::evaluate(BatchNormOffsetOp op, Operands<BatchNormOffsetOp> operands) {
  const Tensor &beta = *operands.getBeta(), &mean = *operands.getMean();
  const Tensor &scale = *operands.getScale(), *bias = operands.getBias();
  Tensor result = makeResult(op);
  for (size_t c = 0; c < result.values.size(); ++c) {
    double before = bias ? bias->values[c] : 0.0;
    result.values[c] = beta.values[c] + (before - mean.values[c]) * scale.values[c];
  }
  return result;
}

Tensor oriel::evaluate(ScaleFiltersOp, Operands<ScaleFiltersOp> operands) {
  Tensor result = *operands.getFilter();
  const Tensor &scale = *operands.getScale();
  size_t size = result.values.size() / scale.values.size();
  for (size_t i = 0; i < result.values.size(); ++i) {
    result.values[i] *= scale.values[i / size];
  }
  return result;
}

Tensor oriel::evaluate(RelativePositionBiasOp op, Operands<RelativePositionBiasOp> operands) {
  const Tensor &table = *operands.getTable();
  int64_t height = op.getWindow()[0], width = op.getWindow()[1];
  Tensor result = makeResult(op);
  for (int64_t h = 0; h < result.shape[0]; ++h) {
    for (int64_t i = 0; i < result.shape[1]; ++i) {
      for (int64_t j = 0; j < result.shape[2]; ++j) {
        int64_t dy = i / width - j / width, dx = i % width - j % width;
        result.at(h, i, j) = table.at((dy + height - 1) * (2 * width - 1) + (dx + width - 1), h);
      }
    }
  }
  return result;
}

// Only the windows of the last row and column of windows hold tokens that came round from the map's
// other side: the last shift[0] rows and shift[1] columns of each. Two tokens of a window come from
// one region of the map if in both dimensions either both or neither came round.
Tensor oriel::evaluate(ShiftMaskOp op, Operands<ShiftMaskOp>) {
  auto map = op.getMap(), window = op.getWindow(), shift = op.getShift();
  int64_t rows = map[0] / window[0], columns = map[1] / window[1];
  Tensor result = makeResult(op);
  for (int64_t g = 0; g < result.shape[0]; ++g) {
    bool lastRow = op.getByClass() ? g / 2 == 1 : g / columns == rows - 1;
    bool lastColumn = op.getByClass() ? g % 2 == 1 : g % columns == columns - 1;
    auto region = [&](int64_t token) {
      int64_t y = token / window[1], x = token % window[1];
      return std::pair(lastRow && y >= window[0] - shift[0],
                       lastColumn && x >= window[1] - shift[1]);
    };
    for (int64_t i = 0; i < result.shape[2]; ++i) {
      for (int64_t j = 0; j < result.shape[3]; ++j) {
        result.at(g, 0, i, j) = region(i) == region(j) ? 0.0f : -100.0f;
      }
    }
  }
  return result;
}

Tensor oriel::evaluate(PackOp, Operands<PackOp> operands) { return *operands.getInput(); }
