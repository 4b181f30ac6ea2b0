//===- Define.cpp - The algorithms of row-wise and pointwise ops ----------===//

#include "compiler/Kernels/Define.h"

#include "compiler/Kernels/DefineOps.h"
#include "compiler/Kernels/Exponential.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::RDom, Halide::Var;

std::vector<Var> oriel::outerDimensions(size_t count) {
  std::vector<Var> outer;
  outer.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    outer.emplace_back("d" + std::to_string(i + 1));
  }
  return outer;
}

/// A pointwise op of one operand.
template <typename Function>
static DefinedValue definePointwise(StringRef name, const DefinedValue &input, Function function) {
  DefinedValue result = input;
  result.haloY = result.haloX = 0;
  result.func = Func(name.str());
  Var c("c");
  auto at = coordinates(c, outerDimensions(input.rank() - 1));
  std::vector<Var> arguments = outerDimensions(input.rank() - 1);
  arguments.insert(arguments.begin(), c);
  result.func(arguments) = function(input.func(at), c);
  return result;
}

static DefinedValue defineAdd(const DefinedValue &lhs, const DefinedValue &rhs) {
  DefinedValue result = lhs.rank() >= rhs.rank() ? lhs : rhs;
  result.isParameter = lhs.isParameter && rhs.isParameter;
  result.haloY = result.haloX = 0;
  result.func = Func("add");
  std::vector<Var> arguments = outerDimensions(result.rank() - 1);
  arguments.insert(arguments.begin(), Var("c"));
  auto read = [&](const DefinedValue &operand) {
    std::vector<Expr> at;
    for (size_t i = 0; i < operand.rank(); ++i) {
      size_t dimension = operand.rank() - 1 - i;
      bool isBatch = dimension == 0 && !operand.isParameter;
      at.push_back(operand.shape[dimension] == 1 && !isBatch ? Expr(0) : Expr(arguments[i]));
      result.shape[result.rank() - 1 - i] =
          std::max(result.shape[result.rank() - 1 - i], operand.shape[dimension]);
    }
    return operand.func(at);
  };
  Expr left = read(lhs), right = read(rhs);
  result.func(arguments) = left + right;
  return result;
}

// s = gamma / sqrt(variance + epsilon); r = x * s + (beta - mean * s)
static DefinedValue defineBatchNorm(BatchNormOp op, ArrayRef<DefinedValue> operands) {
  float epsilon = static_cast<float>(op.getEpsilon().convertToDouble());
  return definePointwise("batch_norm", operands[0], [&](Expr x, Var c) {
    Expr scale = operands[1].func(c) / sqrt(operands[4].func(c) + epsilon);
    return (x - operands[3].func(c)) * scale + operands[2].func(c);
  });
}

DefinedValue oriel::defineNormalizeImage(NormalizeImageOp op, const DefinedValue &pixels) {
  return definePointwise("normalize_image", pixels, [&](Expr x, Var c) {
    Expr mean = float(op.getMean().back()), deviation = float(op.getStd().back());
    for (int i = int(op.getMean().size()) - 2; i >= 0; --i) {
      mean = select(c == i, float(op.getMean()[i]), mean);
      deviation = select(c == i, float(op.getStd()[i]), deviation);
    }
    // Each operation as IEEE rounds it: Halide would multiply by 1 / 255.
    return strict_float((Halide::cast<float>(x) / 255.0f - mean) / deviation);
  });
}

// x / (1 + exp(-x))
static Expr silu(const Expr &x) { return x / (1.0f + exponential(-x)); }

/// c[0] + c[1] x + c[2] x^2 + ...
static Expr evaluatePolynomial(const Expr &x, ArrayRef<float> coefficients) {
  Expr value = coefficients.back();
  for (float coefficient : llvm::reverse(coefficients.drop_back())) {
    value = value * x + coefficient;
  }
  return value;
}

/// x Phi(x) = |x| (1/2 - T(|x|)) + x/2 with T(a) = erfc(a / sqrt(2)) / 2 = R(a)^4 for a <= 5.6, and
/// 0 to float32 beyond. The fourth root of T falls so evenly that R is a polynomial, and nothing is
/// divided. R is fitted for the least maximum of T's error times 1 + 1.5 T, as T's rounding grows
/// with T: 7.1e-8; in float32 the result is within 3.2 u |x| (u = 2^-24). The first coefficient is
/// the fourth root of 1/2. Halide's erf has an exponential.
static Expr gelu(const Expr &x) {
  constexpr float limit = 5.6f;
  constexpr float coefficients[] = {8.408964276e-01f,  -1.677341759e-01f, -5.019590631e-02f,
                                    4.643268418e-03f,  3.805563786e-03f,  -4.302121306e-05f,
                                    -3.041716118e-04f, 5.773602970e-05f,  -3.344531251e-06f};
  Expr absolute = abs(x), fourthRoot = evaluatePolynomial(min(absolute, limit), coefficients);
  Expr root = fourthRoot * fourthRoot;
  return absolute * (0.5f - root * root) + 0.5f * x;
}

LayerNormStages oriel::defineLayerNorm(LayerNormOp op, const DefinedValue &input,
                                       const DefinedValue &gamma, const DefinedValue &beta) {
  LayerNormStages stages;
  int extent = input.extent();
  float epsilon = static_cast<float>(op.getEpsilon().convertToDouble());
  stages.meanDomain = RDom(0, extent, "mean_c");
  stages.varianceDomain = RDom(0, extent, "variance_c");
  stages.sum = Func("row_sum");
  stages.squares = Func("row_squares");

  auto outer = outerDimensions(input.rank() - 1);
  stages.sum(outer) = 0.0f;
  stages.sum(outer) += input.func(coordinates(stages.meanDomain, outer));
  Expr mean = stages.sum(outer) * (1.0f / static_cast<float>(extent));
  Expr centred = input.func(coordinates(stages.varianceDomain, outer)) - mean;
  stages.squares(outer) = 0.0f;
  stages.squares(outer) += centred * centred;
  // Halide keeps the square root and the division: fast_inverse_sqrt is a 12-bit estimate.
  Func deviation("inverse_deviation");
  deviation(outer) =
      1.0f / sqrt(stages.squares(outer) * (1.0f / static_cast<float>(extent)) + epsilon);
  stages.result = definePointwise("layer_norm", input, [&](Expr x, Var c) {
    return (x - mean) * deviation(outer) * gamma.func(c) + beta.func(c);
  });
  return stages;
}

SoftmaxStages oriel::defineSoftmax(const DefinedValue &input) {
  SoftmaxStages stages;
  stages.maximumDomain = RDom(0, input.extent(), "maximum_c");
  stages.sumDomain = RDom(0, input.extent(), "sum_c");
  stages.maximum = Func("row_maximum");
  stages.sum = Func("row_sum");

  auto outer = outerDimensions(input.rank() - 1);
  stages.maximum(outer) = Halide::Float(32).min();
  stages.maximum(outer) =
      max(stages.maximum(outer), input.func(coordinates(stages.maximumDomain, outer)));
  DefinedValue exponential = definePointwise("exponential", input, [&](Expr x, Var) {
    return oriel::exponential(x - stages.maximum(outer));
  });
  stages.exponential = exponential.func;
  stages.sum(outer) = 0.0f;
  stages.sum(outer) += exponential.func(coordinates(stages.sumDomain, outer));
  stages.result =
      definePointwise("softmax", exponential, [&](Expr x, Var) { return x / stages.sum(outer); });
  return stages;
}

DefinedValue oriel::defineLinear(StringRef name, ArrayRef<DefinedValue> parts,
                                 const DefinedValue &weight, const DefinedValue *bias) {
  DefinedValue result = parts[0];
  result.haloY = result.haloX = 0;
  result.shape.back() = weight.shape[0];
  result.func = Func(name.str());
  Var n("n");
  auto outer = outerDimensions(result.rank() - 1);
  std::vector<Var> arguments(outer);
  arguments.insert(arguments.begin(), n);

  result.func(arguments) = bias ? bias->func(n) : Expr(0.0f);
  int offset = 0;
  for (const DefinedValue &part : parts) {
    RDom k(0, part.extent(), "k");
    Expr product = part.func(coordinates(k, outer));
    if (weight.rank() == 2) {
      product *= weight.func(k + offset, n);
    } else {
      product *= weight.func(0, 0, k + offset, n);
    }
    result.func(arguments) += product;
    offset += part.extent();
  }
  return result;
}

DefinedValue oriel::define(Operation *op, ArrayRef<DefinedValue> operands) {
  return llvm::TypeSwitch<Operation *, DefinedValue>(op)
      .Case([&](SiluOp) {
        return definePointwise("silu", operands[0], [](Expr x, Var) { return silu(x); });
      })
      .Case([&](GeluOp) {
        return definePointwise("gelu", operands[0], [](Expr x, Var) { return gelu(x); });
      })
      .Case([&](ScaleOp op) {
        float factor = static_cast<float>(op.getFactor().convertToDouble());
        return definePointwise("scale", operands[0], [&](Expr x, Var) { return x * factor; });
      })
      .Case([&](AddOp) { return defineAdd(operands[0], operands[1]); })
      .Case([&](BatchNormOp op) { return defineBatchNorm(op, operands); })
      .Case([&](NormalizeImageOp op) { return defineNormalizeImage(op, operands[0]); })
      .Case([&](LayerNormOp op) {
        return defineLayerNorm(op, operands[0], operands[1], operands[2]).result;
      })
      .Case([&](SoftmaxOp) { return defineSoftmax(operands[0]).result; })
      .Case([&](LinearOp op) {
        return defineLinear("linear", operands[0], operands[1],
                            op.getBias() ? &operands[2] : nullptr);
      })
      .Case([&](Conv2DOp op) {
        return defineConvolution(op, operands[0], operands[1],
                                 op.getBias() ? &operands[2] : nullptr);
      })
      .Case([&](GlobalAvgPoolOp) { return definePool(operands[0]).result; })
      .Case<ConcatOp, PermuteOp>([&](auto op) { return defineOp(op, operands); })
      .Case<RollOp, WindowPartitionOp, WindowReverseOp, UnfoldPatchesOp, FoldPatchesOp,
            PatchMergeOp>([&](auto op) { return defineOp(op, operands[0]); })
      .Case<SplitHeadsOp, MergeHeadsOp>([&](auto op) { return defineOp(op, operands[0]); })
      .Case<MatmulOp, AddWindowBiasOp>([&](auto op) { return defineOp(op, operands); })
      .DefaultUnreachable("planKernel accepts ops with a definition only");
}
