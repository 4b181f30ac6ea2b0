//===- OpBounds.cpp - Forward error analysis of each op -------------------===//

#include "compiler/Reference/OpBounds.h"
#include "compiler/Reference/OpEvaluation.h"
#include "compiler/Reference/Winograd.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace oriel;

/// The op, or what is given in its place, applied to `pick` of each operand.
template <typename Pick>
static Tensor evaluateWith(const OpContext &context, Pick pick,
                           function_ref<Tensor(ArrayRef<const Tensor *>)> function = nullptr) {
  std::vector<Tensor> picked;
  for (const BoundedTensor *operand : context.operands) {
    picked.push_back(pick(*operand));
  }
  SmallVector<const Tensor *> pointers;
  for (const Tensor &tensor : picked) {
    pointers.push_back(&tensor);
  }
  return function ? function(pointers) : *evaluate(context.op, pointers);
}

static Tensor magnitude(const BoundedTensor &operand) {
  Tensor result = operand.value;
  for (float &value : result.values) {
    value = std::fabs(value);
  }
  return result;
}

static Tensor magnitudeWithBound(const BoundedTensor &operand) {
  Tensor result = magnitude(operand);
  for (auto [value, bound] : llvm::zip_equal(result.values, operand.bound.values)) {
    value += bound;
  }
  return result;
}

/// Elements keep their values, hence their bounds, wherever they go.
static Tensor boundMovement(const OpContext &context) {
  return evaluateWith(context, [](const BoundedTensor &operand) { return operand.bound; });
}

/// Sums of products (of which an add or a mean is the simplest): with P the sum of |a| |b| over the
/// operands enlarged by their bounds, Q the same over the operands as they are, P - Q bounds what
/// the operands' errors do and gamma_roundings * P what the kernel's arithmetic does. One more
/// rounding is the interpreter's.
static Tensor boundSum(const OpContext &context, int64_t roundings,
                       function_ref<Tensor(ArrayRef<const Tensor *>)> sumMagnitudes = nullptr) {
  auto sum = [&](auto pick) { return evaluateWith(context, pick, sumMagnitudes); };
  Tensor enlarged = sum(magnitudeWithBound), plain = sum(magnitude);
  Tensor bound = enlarged;
  for (size_t i = 0; i < bound.values.size(); ++i) {
    double propagated = std::max(0.0, static_cast<double>(enlarged.values[i]) - plain.values[i]);
    // The two sums above are rounded to float, so their difference is off by up to u * P twice.
    bound.values[i] = propagated + context.gamma(roundings + 3) * enlarged.values[i];
  }
  return bound;
}

/// Winograd's sums have products of their own, with signs in the matrices: their magnitudes are
/// summed with those of the matrices.
template <typename Op>
static Tensor boundWinograd(Op op, const OpContext &context, int64_t roundings) {
  return boundSum(context, roundings, [&](ArrayRef<const Tensor *> operands) {
    return evaluateMagnitudes(op, Operands<Op>(operands, op));
  });
}

/// A function of one element with |f'| <= slope, computed with an error of `relative` * |f(x)| +
/// `absolute` * |x|.
static Tensor boundFunction(const OpContext &context, double slope, double relative,
                            double absolute) {
  const BoundedTensor &input = *context.operands.front();
  Tensor bound = input.bound;
  for (size_t i = 0; i < bound.values.size(); ++i) {
    bound.values[i] = slope * input.bound.values[i] +
                      relative * std::fabs(context.value.values[i]) +
                      absolute * std::fabs(input.value.values[i]);
  }
  return bound;
}

/// y = (x - m) * s + beta, s = gamma / sqrt(v + epsilon), with parameters known exactly; a kernel
/// may compute it as x * s
/// + (beta - m * s). Six roundings: sum, root, quotient, product or difference, product, sum.
static Tensor boundBatchNorm(BatchNormOp op, const OpContext &context) {
  const BoundedTensor &input = *context.operands[0];
  const Tensor &gamma = context.operands[1]->value, &beta = context.operands[2]->value;
  const Tensor &mean = context.operands[3]->value, &variance = context.operands[4]->value;
  double epsilon = op.getEpsilon().convertToDouble();
  Tensor bound = input.bound;
  for (size_t i = 0; i < bound.values.size(); ++i) {
    size_t c = i % gamma.values.size();
    double scale = std::fabs(gamma.values[c]) / std::sqrt(variance.values[c] + epsilon);
    double terms = (std::fabs(input.value.values[i]) + std::fabs(mean.values[c])) * scale +
                   std::fabs(beta.values[c]);
    bound.values[i] = scale * input.bound.values[i] + context.gamma(7) * terms;
  }
  return bound;
}

/// y = (x / 255 - m) / s of exact x: the quotient, the rounded m and their difference are each off
/// by u times no more than x / 255 + |m|, and that through 1 / s; the rounded s and the last
/// quotient by u |y|, and so is the interpreter's rounding.
static Tensor boundNormalizeImage(NormalizeImageOp op, const OpContext &context) {
  auto mean = op.getMean(), deviation = op.getStd();
  Tensor bound = context.value;
  for (size_t i = 0; i < bound.values.size(); ++i) {
    size_t c = i % mean.size();
    double terms = context.operands[0]->value.values[i] / 255.0 + std::fabs(mean[c]);
    bound.values[i] = context.gamma(2) * terms / deviation[c] +
                      context.gamma(3) * std::fabs(context.value.values[i]);
  }
  return bound;
}

/// With d = x - m and r = 1 / sqrt(v + epsilon), y = d * r * gamma + beta. Valid for a variance of
/// one pass, mean(x^2) - m^2, whose rounding errors are relative to mean(x^2) and not to v, and so
/// for two passes, too:
///   |dm| <= mean(dx) + gamma_K mean|x|,   |dv| <= 2 mean|d| (dx + dm) + gamma_(K+3) (mean(x^2) +
///   m^2 + 2 |m| mean|x|), |dr| / r <= |dv| / (2 (v + epsilon - |dv|)) + 3 u.
static Tensor boundLayerNorm(LayerNormOp op, const OpContext &context) {
  const BoundedTensor &input = *context.operands[0];
  const Tensor &gamma = context.operands[1]->value, &beta = context.operands[2]->value;
  double epsilon = op.getEpsilon().convertToDouble();
  Tensor bound = input.bound;
  int64_t length = bound.rowLength();
  for (int64_t row = 0; row < bound.rowCount(); ++row) {
    const float *x = &input.value.values[row * length], *dx = &input.bound.values[row * length];
    double mean = 0, absoluteMean = 0, squareMean = 0, boundMean = 0;
    for (int64_t c = 0; c < length; ++c) {
      mean += x[c] / double(length);
      absoluteMean += std::fabs(x[c]) / double(length);
      squareMean += double(x[c]) * x[c] / length;
      boundMean += dx[c] / double(length);
    }
    double dm = boundMean + context.gamma(length) * absoluteMean;
    double variance = epsilon, dv = context.gamma(length + 3) *
                                    (squareMean + mean * mean + 2 * std::fabs(mean) * absoluteMean);
    for (int64_t c = 0; c < length; ++c) {
      double d = x[c] - mean, dd = dx[c] + dm;
      variance += d * d / length;
      dv += (2 * std::fabs(d) * dd + dd * dd) / length;
    }
    double relative = dv < variance ? dv / (2 * (variance - dv)) + 3 * unitRoundoff : INFINITY;
    for (int64_t c = 0; c < length; ++c) {
      double scale = std::fabs(gamma.values[c]) / std::sqrt(variance);
      double difference = std::fabs(x[c] - mean), terms = std::fabs(x[c]) + std::fabs(mean);
      bound.values[row * length + c] =
          scale * (1 + relative) * (dx[c] + dm) + scale * difference * relative +
          context.gamma(5) * (scale * terms + std::fabs(beta.values[c]));
    }
  }
  return bound;
}

/// With D the largest bound in a row, exp(x) changes by a factor of at most exp(2 D) after
/// subtraction of the maximum; fast_exp is within 16.6 ulp (33.2 u), its argument is off by u times
/// itself; numerator and denominator both.
static Tensor boundSoftmax(const OpContext &context) {
  // Kernels clamp what they take the exponential of (Kernels/Exponential.h), next to a sum of 1 or
  // more.
  constexpr double leastArgument = -87.0;
  const BoundedTensor &input = *context.operands.front();
  Tensor bound = input.bound;
  int64_t length = bound.rowLength();
  for (int64_t row = 0; row < bound.rowCount(); ++row) {
    const float *x = &input.value.values[row * length];
    auto [low, high] = std::minmax_element(x, x + length);
    double largestBound = *std::max_element(&input.bound.values[row * length],
                                            &input.bound.values[row * length] + length);
    // exp(x) of less than exp(-104) is 0 in float: its argument's error has no further effect.
    double range = std::min(104.0, double(*high) - *low) + 2 * largestBound;
    double relative = std::expm1(2 * largestBound) + 2 * (33.2 + 2 * range) * unitRoundoff +
                      context.gamma(length + 3);
    for (int64_t j = 0; j < length; ++j) {
      bool isClamped = x[j] - double(*high) - 2 * largestBound <= leastArgument;
      bound.values[row * length + j] =
          static_cast<float>(relative * context.value.values[row * length + j] +
                             (isClamped ? std::exp(leastArgument) : 0.0));
    }
  }
  return bound;
}

/// s = gamma / sqrt(v + epsilon): sum, root, quotient.
static Tensor boundBatchNormScale(BatchNormScaleOp op, const OpContext &context) {
  const BoundedTensor &gamma = *context.operands[0], &variance = *context.operands[1];
  double epsilon = op.getEpsilon().convertToDouble();
  Tensor bound = context.value;
  for (size_t c = 0; c < bound.values.size(); ++c) {
    double sum = variance.value.values[c] + epsilon, change = variance.bound.values[c];
    bound.values[c] =
        (std::fabs(gamma.value.values[c]) * change / (2 * (sum - change)) + gamma.bound.values[c]) /
            std::sqrt(sum - change) +
        context.gamma(4) * std::fabs(context.value.values[c]);
  }
  return bound;
}

/// o = beta + (bias - mean) s, with d = |bias| + |mean|: do = dbeta + d ds + dd (|s| + ds), and
/// three roundings and the interpreter's of all that.
static Tensor boundBatchNormOffset(const OpContext &context) {
  auto [beta, mean, scale] =
      std::tie(*context.operands[0], *context.operands[1], *context.operands[2]);
  const BoundedTensor *bias = context.operands.size() > 3 ? context.operands[3] : nullptr;
  Tensor bound = context.value;
  for (size_t c = 0; c < bound.values.size(); ++c) {
    double difference = std::fabs(mean.value.values[c]), change = mean.bound.values[c];
    if (bias) {
      difference += std::fabs(bias->value.values[c]);
      change += bias->bound.values[c];
    }
    double factor = std::fabs(scale.value.values[c]) + scale.bound.values[c];
    double terms = std::fabs(beta.value.values[c]) + difference * factor;
    bound.values[c] = beta.bound.values[c] + difference * scale.bound.values[c] + change * factor +
                      context.gamma(4) * terms;
  }
  return bound;
}

std::optional<Tensor> oriel::boundOf(const OpContext &context) {
  auto depthOf = [](Value weight, unsigned first) {
    return countElements(cast<RankedTensorType>(weight.getType()).getShape().drop_front(first));
  };
  return llvm::TypeSwitch<Operation *, std::optional<Tensor>>(context.op)
      .Case<PermuteOp, ConcatOp, RollOp, WindowPartitionOp, WindowReverseOp, UnfoldPatchesOp,
            FoldPatchesOp, PatchMergeOp, SplitHeadsOp, MergeHeadsOp, PackOp,
            RelativePositionBiasOp>([&](auto) { return boundMovement(context); })
      .Case([&](ShiftMaskOp) { return Tensor::zeros(context.value.shape); })
      .Case([&](Conv2DOp op) { return boundSum(context, depthOf(op.getFilter(), 1) + 1); })
      // Two sums of three for each dimension.
      .Case([&](WinogradFilterOp op) { return boundWinograd(op, context, 6); })
      // A sum of two for each dimension of the input, the products' sum, sums of three for each
      // dimension of the result, the bias.
      .Case([&](WinogradConv2DOp op) {
        return boundWinograd(op, context, depthOf(op.getFilter(), 1) / 16 + 8);
      })
      .Case([&](LinearOp op) { return boundSum(context, depthOf(op.getWeight(), 1) + 1); })
      .Case([&](MatmulOp op) { return boundSum(context, op.getLhs().getType().getShape().back()); })
      .Case([&](GlobalAvgPoolOp op) {
        auto shape = op.getInput().getType().getShape();
        return boundSum(context, shape[1] * shape[2] + 1);
      })
      .Case<AddOp, AddWindowBiasOp, ScaleFiltersOp>([&](auto) { return boundSum(context, 1); })
      .Case([&](ScaleOp op) {
        return boundFunction(context, std::fabs(op.getFactor().convertToDouble()), 4 * unitRoundoff,
                             0);
      })
      // max |silu'| = 1.0998; 2.5 ulp (5 u), and the interpreter's rounding.
      .Case([&](SiluOp) { return boundFunction(context, 1.1, 6 * unitRoundoff, 0); })
      // max |gelu'| = 1.129. erf is within 5.8 ulp (11.6 u), its argument's rounding adds 1 u, the
      // sum with 1 another 2 u, times |x|/2; then two products and the interpreter's rounding.
      .Case([&](GeluOp) {
        return boundFunction(context, 1.13, 3 * unitRoundoff, 14.6 / 2 * unitRoundoff);
      })
      .Case([&](BatchNormOp op) { return boundBatchNorm(op, context); })
      .Case([&](NormalizeImageOp op) { return boundNormalizeImage(op, context); })
      .Case([&](BatchNormScaleOp op) { return boundBatchNormScale(op, context); })
      .Case([&](BatchNormOffsetOp) { return boundBatchNormOffset(context); })
      .Case([&](LayerNormOp op) { return boundLayerNorm(op, context); })
      .Case([&](SoftmaxOp) { return boundSoftmax(context); })
      .Default(std::nullopt);
}
