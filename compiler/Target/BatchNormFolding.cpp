//===- BatchNormFolding.cpp - Batch norm into a convolution ---------------===//
//
//   gamma * (conv(x, w) + bias - mean) / sqrt(variance + epsilon) + beta
//     = conv(x, w * s) + o,   s = gamma / sqrt(variance + epsilon),   o = beta + (bias - mean) * s
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/ParameterArithmetic.h"

#include <cmath>

using namespace oriel;

ParameterValues oriel::computeParameter(BatchNormScaleOp op, ParameterOperands operands) {
  auto gamma = operands[0], variance = operands[1];
  double epsilon = op.getEpsilon().convertToDouble();
  ParameterValues scale(gamma.size());
  for (size_t c = 0; c < scale.size(); ++c) {
    scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
  }
  return scale;
}

ParameterValues oriel::computeParameter(BatchNormOffsetOp op, ParameterOperands operands) {
  auto beta = operands[0], mean = operands[1], scale = operands[2];
  ParameterValues offset(beta.size());
  for (size_t c = 0; c < offset.size(); ++c) {
    double bias = op.getBias() ? operands[3][c] : 0.0;
    offset[c] = beta[c] + (bias - mean[c]) * scale[c];
  }
  return offset;
}

ParameterValues oriel::computeParameter(ScaleFiltersOp op, ParameterOperands operands) {
  auto filter = operands[0], scale = operands[1];
  size_t filterSize = scale.empty() ? 0 : filter.size() / scale.size();
  ParameterValues scaled(filter.size());
  for (size_t i = 0; i < scaled.size(); ++i) {
    scaled[i] = filter[i] * scale[i / filterSize];
  }
  return scaled;
}
