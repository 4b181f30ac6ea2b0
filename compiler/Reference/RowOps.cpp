//===- RowOps.cpp - The meaning of the ops on rows and elements -----------===//

#include "compiler/Reference/MatrixProduct.h"
#include "compiler/Reference/OpEvaluation.h"

#include <cmath>
#include <numbers>

using namespace oriel;

/// Applies a function of double to each element.
template <typename Function>
static Tensor mapElements(const Tensor &input, Function function) {
  Tensor result = input;
  for (float &value : result.values) {
    value = static_cast<float>(function(static_cast<double>(value)));
  }
  return result;
}

Tensor oriel::evaluate(SiluOp, Operands<SiluOp> operands) {
  return mapElements(*operands.getInput(), [](double x) { return x / (1 + std::exp(-x)); });
}

Tensor oriel::evaluate(GeluOp, Operands<GeluOp> operands) {
  return mapElements(*operands.getInput(),
                     [](double x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2)); });
}

Tensor oriel::evaluate(ScaleOp op, Operands<ScaleOp> operands) {
  double factor = op.getFactor().convertToDouble();
  return mapElements(*operands.getInput(), [=](double x) { return x * factor; });
}

/// How far apart neighbours of each of the result's dimensions lie in an operand; 0 where it is
/// repeated.
static std::vector<int64_t> broadcastStrides(const Tensor &operand, const Tensor &result) {
  std::vector<int64_t> strides(result.shape.size());
  int64_t stride = 1;
  for (size_t i = 1; i <= operand.shape.size(); ++i) {
    int64_t extent = operand.shape[operand.shape.size() - i];
    strides[strides.size() - i] = extent == 1 ? 0 : stride;
    stride *= extent;
  }
  return strides;
}

Tensor oriel::evaluate(AddOp op, Operands<AddOp> operands) {
  const Tensor &lhs = *operands.getLhs(), &rhs = *operands.getRhs();
  Tensor result = makeResult(op);
  auto left = broadcastStrides(lhs, result), right = broadcastStrides(rhs, result);
  for (size_t i = 0; i < result.values.size(); ++i) {
    int64_t rest = i, leftOffset = 0, rightOffset = 0;
    for (size_t dimension = result.shape.size(); dimension-- > 0;) {
      int64_t index = rest % result.shape[dimension];
      rest /= result.shape[dimension];
      leftOffset += index * left[dimension];
      rightOffset += index * right[dimension];
    }
    result.values[i] = lhs.values[leftOffset] + rhs.values[rightOffset];
  }
  return result;
}

Tensor oriel::evaluate(LayerNormOp op, Operands<LayerNormOp> operands) {
  const Tensor &gamma = *operands.getGamma(), &beta = *operands.getBeta();
  double epsilon = op.getEpsilon().convertToDouble();
  Tensor result = *operands.getInput();
  int64_t length = result.rowLength();
  for (int64_t row = 0; row < result.rowCount(); ++row) {
    float *values = &result.values[row * length];
    double sum = 0, squares = 0;
    for (int64_t c = 0; c < length; ++c) {
      sum += values[c];
    }
    double mean = sum / length;
    for (int64_t c = 0; c < length; ++c) {
      squares += (values[c] - mean) * (values[c] - mean);
    }
    double deviation = std::sqrt(squares / length + epsilon);
    for (int64_t c = 0; c < length; ++c) {
      values[c] = (values[c] - mean) / deviation * gamma.values[c] + beta.values[c];
    }
  }
  return result;
}

Tensor oriel::evaluate(LinearOp op, Operands<LinearOp> operands) {
  const Tensor &input = *operands.getInput(), &weight = *operands.getWeight();
  const Tensor *bias = operands.getBias();
  Tensor result = makeResult(op);
  multiplyRows(input.values.data(), input.rowCount(),
               transposed(weight.values.data(), weight.shape[0], weight.shape[1]),
               bias ? bias->values.data() : nullptr, result.values.data(), result.rowLength());
  return result;
}
