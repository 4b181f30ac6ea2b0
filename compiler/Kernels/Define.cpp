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

/// x Phi(x) = |x| (1/2 - T(|x|)) + x/2 with T(a) = erfc(a / sqrt(2)) / 2 = R(a)^4 for a <= 5.6, and
/// 0 to float32 beyond. The fourth root of T falls so evenly that R is a polynomial, of degree 8,
/// and nothing is divided. Its coefficients are adapted (Knuth, The Art of Computer Programming,
/// vol. 2, 4.6.4, theorem E): three of Horner's multiply-adds become additions, which AMD's Zen
/// computes beside multiply-adds. Fitted by weighted least squares, then unit by unit in the last
/// place for the least error of the result as computed in float32, which is within 3.6 u |x|
/// (u = 2^-24). Halide's erf has an exponential.
static Expr gelu(const Expr &x) {
  Expr absolute = abs(x), y = min(absolute, 5.6f) + 1.2299999f, square = y * y;
  Expr value = (y * -3.38606151e-06f + 9.16079152e-05f) * y - 7.88440288e-04f;
  value = value * (square + 47.7310982f) + 3.09586823e-02f;
  value = value * (square + 3.57534528f) - 5.17539456e-02f;
  value = value * (square - 2.88165355f) + 7.52153277e-01f;
  Expr root = value * value;
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
    return exponentialOfNonPositive(x - stages.maximum(outer));
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
