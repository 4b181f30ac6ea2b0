//===- DefineFeatureMapOps.cpp - The algorithms of ops on feature maps ----===//

#include "compiler/Kernels/DefineOps.h"

using namespace oriel;
using Halide::Expr, Halide::Func, Halide::RDom, Halide::Var;

// The general form, for a concat between other ops: a select over the channel. Where speed matters
// the families read or write the parts in place instead.
DefinedValue oriel::defineOp(ConcatOp, llvm::ArrayRef<DefinedValue> operands) {
  DefinedValue result = operands[0];
  result.haloY = result.haloX = 0;
  result.func = Func("concat");
  Var c("c");
  auto outer = outerDimensions(result.rank() - 1);
  std::vector<Var> arguments(outer);
  arguments.insert(arguments.begin(), c);
  Expr value;
  int end = 0;
  llvm::SmallVector<int> begins;
  for (const DefinedValue &operand : operands) {
    begins.push_back(end);
    end += operand.extent();
  }
  for (auto [operand, begin] : llvm::reverse(llvm::zip_equal(operands, begins))) {
    Expr part = operand.func(coordinates(clamp(c - begin, 0, operand.extent() - 1), outer));
    value = value.defined() ? select(c < begin + operand.extent(), part, value) : part;
  }
  result.func(arguments) = value;
  result.shape.back() = end;
  return result;
}

DefinedValue oriel::defineOp(PermuteOp op, llvm::ArrayRef<DefinedValue> operands) {
  size_t rank = operands[0].rank();
  DefinedValue result{Func("permute"), {}};
  std::vector<Var> arguments;
  std::vector<Expr> at(rank);
  // Result dimension i, counted from outside, is input dimension permutation[i].
  for (size_t i = 0; i < rank; ++i) {
    arguments.emplace_back("d" + std::to_string(i));
    size_t dimension = op.getPermutation()[rank - 1 - i];
    at[rank - 1 - dimension] = arguments.back();
  }
  for (int64_t dimension : op.getPermutation()) {
    result.shape.push_back(operands[0].shape[dimension]);
  }
  result.func(arguments) = operands[0].func(at);
  return result;
}

PoolStages oriel::definePool(const DefinedValue &input) {
  int height = static_cast<int>(input.shape[1]), width = static_cast<int>(input.shape[2]);
  PoolStages stages;
  stages.domain = RDom(0, width, 0, height, "position");
  stages.sum = Func("sum");
  stages.result = {Func("global_avg_pool"), {input.shape[0], input.shape[3]}};
  Var c("c"), b("b");
  stages.sum(c, b) = 0.0f;
  stages.sum(c, b) += input.func(c, stages.domain.x, stages.domain.y, b);
  stages.result.func(c, b) = stages.sum(c, b) * (1.0f / static_cast<float>(width * height));
  return stages;
}

Func oriel::withZerosAround(const DefinedValue &input, int64_t paddingY, int64_t paddingX) {
  bool isInHalo = paddingY <= input.haloY && paddingX <= input.haloX;
  return isInHalo ? input.func : withZerosEverywhere(input);
}

Func oriel::withZerosEverywhere(const DefinedValue &input) {
  int height = static_cast<int>(input.shape[1]), width = static_cast<int>(input.shape[2]);
  Func padded("padded");
  Var c("c"), x("x"), y("y"), b("b");
  Expr inside = likely(x >= 0 && x < width) && y >= 0 && y < height;
  Expr nearest = input.func(c, clamp(likely(x), 0, width - 1), clamp(y, 0, height - 1), b);
  padded(c, x, y, b) = select(inside, nearest, 0.0f);
  return padded;
}

DefinedValue oriel::defineConvolution(Conv2DOp op, llvm::ArrayRef<DefinedValue> parts,
                                      const DefinedValue &filter, const DefinedValue *bias) {
  if (op.isPointwise()) {
    return defineLinear("conv2d", parts, filter, bias);
  }
  int outputs = static_cast<int>(filter.shape[0]), inputs = static_cast<int>(filter.shape[1]);
  int groups = static_cast<int>(op.getGroups());
  int strideY = static_cast<int>(op.getStrides()[0]),
      strideX = static_cast<int>(op.getStrides()[1]);
  int paddingY = static_cast<int>(op.getPadding()[0]),
      paddingX = static_cast<int>(op.getPadding()[1]);
  DefinedValue result{Func("conv2d"), llvm::SmallVector<int64_t>(op.getType().getShape())};
  Var o("o"), x("x"), y("y"), b("b");
  result.func(o, x, y, b) = bias ? bias->func(o) : Expr(0.0f);
  int offset = 0;
  for (const DefinedValue &part : parts) {
    Func input = withZerosAround(part, paddingY, paddingX);
    int reduced = groups == 1 ? part.extent() : inputs;
    RDom r(0, reduced, 0, static_cast<int>(filter.shape[3]), 0, static_cast<int>(filter.shape[2]),
           "k");
    Expr channel = r[0];
    if (op.isDepthwise()) {
      channel = o;
    } else if (groups > 1) {
      // Lanes beyond the last channel must read inside of the row, too.
      channel = min(o / (outputs / groups), groups - 1) * inputs + r[0];
    }
    result.func(o, x, y, b) +=
        input(channel, x * strideX + r[1] - paddingX, y * strideY + r[2] - paddingY, b) *
        filter.func(r[1], r[2], r[0] + offset, o);
    offset += reduced;
  }
  return result;
}
