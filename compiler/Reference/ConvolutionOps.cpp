//===- ConvolutionOps.cpp - The meaning of the ops on feature maps --------===//

#include "compiler/Reference/MatrixProduct.h"
#include "compiler/Reference/OpEvaluation.h"

#include <cmath>

using namespace oriel;

namespace {
/// One group of a convolution as a matrix product: a row of lhs is what the filter sees from one
/// output pixel, [kh, kw, I/groups] in this order.
class GroupConvolution {
public:
  GroupConvolution(Conv2DOp op, const Tensor &input, const Tensor &filter, int64_t group)
      : input(input), filter(filter), strides(op.getStrides()), padding(op.getPadding()),
        inputs(filter.shape[1]), outputs(filter.shape[0] / op.getGroups()),
        firstInput(group * inputs), firstOutput(group * outputs) {}

  void run(const Tensor *bias, Tensor &result) const {
    DoubleMatrix weights = makeWeights();
    int64_t width = result.shape[2], channels = result.shape[3];
    std::vector<float> seen(width * weights.rows);
    for (int64_t b = 0; b < result.shape[0]; ++b) {
      for (int64_t y = 0; y < result.shape[1]; ++y) {
        for (int64_t x = 0; x < width; ++x) {
          gather(b, y * strides[0] - padding[0], x * strides[1] - padding[1],
                 &seen[x * weights.rows]);
        }
        multiplyRows(seen.data(), width, weights, bias ? &bias->values[firstOutput] : nullptr,
                     &result.at(b, y, 0, firstOutput), channels);
      }
    }
  }

private:
  /// The group's filters as [kh * kw * I/groups, O/groups].
  DoubleMatrix makeWeights() const {
    int64_t height = filter.shape[2], width = filter.shape[3];
    DoubleMatrix weights(height * width * inputs, outputs);
    for (int64_t dy = 0; dy < height; ++dy) {
      for (int64_t dx = 0; dx < width; ++dx) {
        for (int64_t i = 0; i < inputs; ++i) {
          for (int64_t o = 0; o < outputs; ++o) {
            weights.at((dy * width + dx) * inputs + i, o) = filter.at(firstOutput + o, i, dy, dx);
          }
        }
      }
    }
    return weights;
  }

  /// The input under a filter whose top left corner is at (top, left); zero outside of the map.
  void gather(int64_t b, int64_t top, int64_t left, float *seen) const {
    for (int64_t y = top; y < top + filter.shape[2]; ++y) {
      for (int64_t x = left; x < left + filter.shape[3]; ++x) {
        bool inside = y >= 0 && y < input.shape[1] && x >= 0 && x < input.shape[2];
        for (int64_t i = 0; i < inputs; ++i) {
          *seen++ = inside ? input.at(b, y, x, firstInput + i) : 0.0f;
        }
      }
    }
  }

  const Tensor &input, &filter;
  llvm::ArrayRef<int64_t> strides, padding;
  int64_t inputs, outputs, firstInput, firstOutput;
};
} // namespace

Tensor oriel::evaluate(Conv2DOp op, Operands<Conv2DOp> operands) {
  Tensor result = makeResult(op);
  for (int64_t group = 0; group < static_cast<int64_t>(op.getGroups()); ++group) {
    GroupConvolution(op, *operands.getInput(), *operands.getFilter(), group)
        .run(operands.getBias(), result);
  }
  return result;
}

Tensor oriel::evaluate(BatchNormOp op, Operands<BatchNormOp> operands) {
  const Tensor &gamma = *operands.getGamma(), &beta = *operands.getBeta();
  const Tensor &mean = *operands.getMean(), &variance = *operands.getVariance();
  double epsilon = op.getEpsilon().convertToDouble();
  Tensor result = *operands.getInput();
  for (size_t i = 0; i < result.values.size(); ++i) {
    size_t c = i % gamma.values.size();
    double normalised = (static_cast<double>(result.values[i]) - mean.values[c]) /
                        std::sqrt(variance.values[c] + epsilon);
    result.values[i] = normalised * gamma.values[c] + beta.values[c];
  }
  return result;
}

Tensor oriel::evaluate(NormalizeImageOp op, Operands<NormalizeImageOp> operands) {
  auto mean = op.getMean(), deviation = op.getStd();
  Tensor result = *operands.getPixels();
  for (size_t i = 0; i < result.values.size(); ++i) {
    size_t c = i % mean.size();
    result.values[i] = (result.values[i] / 255.0 - mean[c]) / deviation[c];
  }
  return result;
}

Tensor oriel::evaluate(ConcatOp op, Operands<ConcatOp> operands) {
  Tensor result = makeResult(op);
  int64_t first = 0;
  for (const Tensor *input : operands.getInputs()) {
    for (int64_t row = 0; row < result.rowCount(); ++row) {
      for (int64_t c = 0; c < input->rowLength(); ++c) {
        result.values[row * result.rowLength() + first + c] =
            input->values[row * input->rowLength() + c];
      }
    }
    first += input->rowLength();
  }
  return result;
}

Tensor oriel::evaluate(GlobalAvgPoolOp op, Operands<GlobalAvgPoolOp> operands) {
  const Tensor &input = *operands.getInput();
  Tensor result = makeResult(op);
  for (int64_t b = 0; b < result.shape[0]; ++b) {
    for (int64_t c = 0; c < result.shape[1]; ++c) {
      double sum = 0;
      for (int64_t y = 0; y < input.shape[1]; ++y) {
        for (int64_t x = 0; x < input.shape[2]; ++x) {
          sum += input.at(b, y, x, c);
        }
      }
      result.at(b, c) = sum / (input.shape[1] * input.shape[2]);
    }
  }
  return result;
}

Tensor oriel::evaluate(PermuteOp op, Operands<PermuteOp> operands) {
  const Tensor &input = *operands.getInput();
  auto permutation = op.getPermutation();
  Tensor result = makeResult(op);
  std::vector<int64_t> index(permutation.size());
  for (float &value : result.values) {
    // Where the result's index leads to in the input.
    std::vector<int64_t> source(permutation.size());
    for (size_t i = 0; i < permutation.size(); ++i) {
      source[permutation[i]] = index[i];
    }
    int64_t offset = 0;
    for (size_t i = 0; i < source.size(); ++i) {
      offset = offset * input.shape[i] + source[i];
    }
    value = input.values[offset];
    // The next index, last dimension first.
    for (size_t i = index.size(); i-- > 0 && ++index[i] == result.shape[i];) {
      index[i] = 0;
    }
  }
  return result;
}
