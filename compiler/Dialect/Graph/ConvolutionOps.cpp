//===- ConvolutionOps.cpp - Constraints of the ops on feature maps --------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace oriel;

ORIEL_INFER(Conv2DOp) {
  ShapeCheck check(location, "conv2d");
  if (!check.rank(adaptor.getInput(), 4, "C1", "input") ||
      !check.rank(adaptor.getFilter(), 4, "C1", "filter")) {
    return failure();
  }
  auto in = shapeOf(adaptor.getInput()), filter = shapeOf(adaptor.getFilter());
  auto strides = adaptor.getStrides(), padding = adaptor.getPadding();
  int64_t groups = adaptor.getGroups();
  check.require(strides.size() == 2 && strides[0] > 0 && strides[1] > 0, "C2",
                "strides must be two positive numbers") &&
      check.require(padding.size() == 2 && padding[0] >= 0 && padding[1] >= 0, "C3",
                    "padding must be two numbers, not negative") &&
      check.require(groups > 0 && in[3] % groups == 0 && filter[0] % groups == 0, "C4", groups,
                    " groups do not divide ", in[3], " input and ", filter[0],
                    " output channels") &&
      check.require(filter[1] * groups == in[3], "C5", "input ", formatShape(in), " has ", in[3],
                    " channels, filter ", formatShape(filter), " with ", groups, " groups expects ",
                    filter[1] * groups) &&
      check.shape(adaptor.getBias(), filter.take_front(1), "C6", "bias") &&
      check.require(in[1] + 2 * padding[0] >= filter[2] && in[2] + 2 * padding[1] >= filter[3],
                    "C7", "filter ", formatShape(filter), " is larger than the padded input ",
                    formatShape(in));
  if (check.failed()) {
    return failure();
  }
  types.push_back(
      tensorOf(context, {in[0], (in[1] + 2 * padding[0] - filter[2]) / strides[0] + 1,
                         (in[2] + 2 * padding[1] - filter[3]) / strides[1] + 1, filter[0]}));
  return success();
}

bool Conv2DOp::isDepthwise() {
  int64_t groups = getGroups();
  return groups > 1 && groups == shapeOf(getInput())[3] && groups == shapeOf(getFilter())[0];
}

bool Conv2DOp::isPointwise() {
  auto isAll = [](ArrayRef<int64_t> values, int64_t n) {
    return llvm::all_of(values, [=](int64_t value) { return value == n; });
  };
  return getGroups() == 1 && isAll(getStrides(), 1) && isAll(getPadding(), 0) &&
         isAll(shapeOf(getFilter()).drop_front(2), 1);
}

int64_t Conv2DOp::getFlops() {
  auto filter = shapeOf(getFilter());
  return 2 * getType().getNumElements() * filter[1] * filter[2] * filter[3];
}

ORIEL_INFER(WinogradConv2DOp) {
  ShapeCheck check(location, "winograd_conv2d");
  if (!check.rank(adaptor.getInput(), 4, "C1", "input") ||
      !check.rank(adaptor.getFilter(), 4, "C1", "filter")) {
    return failure();
  }
  auto in = shapeOf(adaptor.getInput()), filter = shapeOf(adaptor.getFilter());
  auto padding = adaptor.getPadding();
  check.require(filter[2] == 4 && filter[3] == 4, "C2", "filter is ", formatShape(filter),
                ", expected 4x4 in its last two dimensions") &&
      check.require(padding.size() == 2 && padding[0] >= 0 && padding[1] >= 0, "C3",
                    "padding must be two numbers, not negative") &&
      check.require(filter[1] == in[3], "C4", "input ", formatShape(in), " has ", in[3],
                    " channels, filter ", formatShape(filter), " expects ", filter[1]) &&
      check.shape(adaptor.getBias(), filter.take_front(1), "C5", "bias") &&
      check.require(in[1] + 2 * padding[0] >= 3 && in[2] + 2 * padding[1] >= 3, "C6",
                    "a 3x3 filter is larger than the padded input ", formatShape(in));
  if (check.failed()) {
    return failure();
  }
  types.push_back(tensorOf(
      context, {in[0], in[1] + 2 * padding[0] - 2, in[2] + 2 * padding[1] - 2, filter[0]}));
  return success();
}

// Of the products and sums that are computed, not of the convolution they stand for.
int64_t WinogradConv2DOp::getFlops() {
  auto shape = getType().getShape(), filter = shapeOf(getFilter());
  int64_t tiles =
      shape[0] * llvm::divideCeil(shape[1], int64_t(2)) * llvm::divideCeil(shape[2], int64_t(2));
  return 2 * tiles * 16 * filter[0] * filter[1];
}

ORIEL_INFER(BatchNormOp) {
  ShapeCheck check(location, "batch_norm");
  auto shape = shapeOf(adaptor.getInput());
  if (!check.require(!shape.empty(), "C1", "input has rank 0")) {
    return failure();
  }
  auto channels = shape.take_back(1);
  check.shape(adaptor.getGamma(), channels, "C2", "gamma") &&
      check.shape(adaptor.getBeta(), channels, "C2", "beta") &&
      check.shape(adaptor.getMean(), channels, "C2", "mean") &&
      check.shape(adaptor.getVariance(), channels, "C2", "variance");
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getInput().getType());
  return success();
}

ORIEL_INFER(NormalizeImageOp) {
  ShapeCheck check(location, "normalize_image");
  if (!check.rank(adaptor.getPixels(), 4, "C1", "pixels")) {
    return failure();
  }
  auto shape = shapeOf(adaptor.getPixels());
  auto isFinite = [](double value) { return std::isfinite(value); };
  auto mean = adaptor.getMean(), deviation = adaptor.getStd();
  check.require(int64_t(mean.size()) == shape[3] && int64_t(deviation.size()) == shape[3], "C2",
                "mean and std must be ", shape[3], " numbers each, one for each channel") &&
      check.require(llvm::all_of(mean, isFinite) && llvm::all_of(deviation, isFinite) &&
                        llvm::all_of(deviation, [](double value) { return float(value) > 0; }),
                    "C3", "mean must be finite, std finite and positive");
  if (check.failed()) {
    return failure();
  }
  types.push_back(tensorOf(context, shape));
  return success();
}

ORIEL_INFER(ConcatOp) {
  ShapeCheck check(location, "concat");
  auto inputs = adaptor.getInputs();
  if (!check.require(!inputs.empty(), "C1", "no operands") ||
      !check.require(!shapeOf(inputs[0]).empty(), "C2", "operand 0 has rank 0")) {
    return failure();
  }
  auto first = shapeOf(inputs[0]);
  SmallVector<int64_t> shape(first);
  for (auto [index, input] : llvm::enumerate(inputs.drop_front())) {
    auto next = shapeOf(input);
    if (!check.require(next.size() == first.size() && next.drop_back() == first.drop_back(), "C3",
                       "operand ", index + 1, " is ", formatShape(next), ", operand 0 ",
                       formatShape(first), ": all but the last dimension must agree")) {
      return failure();
    }
    shape.back() += next.back();
  }
  types.push_back(tensorOf(context, shape));
  return success();
}

ORIEL_INFER(GlobalAvgPoolOp) {
  ShapeCheck check(location, "global_avg_pool");
  if (!check.rank(adaptor.getInput(), 4, "C1", "input")) {
    return failure();
  }
  auto shape = shapeOf(adaptor.getInput());
  types.push_back(tensorOf(context, {shape[0], shape[3]}));
  return success();
}

ORIEL_INFER(PermuteOp) {
  ShapeCheck check(location, "permute");
  auto shape = shapeOf(adaptor.getInput());
  auto permutation = adaptor.getPermutation();
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!check.require(llvm::equal(sorted, llvm::seq<int64_t>(0, shape.size())), "C1",
                     "permutation must name each of ", shape.size(), " dimensions once")) {
    return failure();
  }
  SmallVector<int64_t> result;
  for (int64_t dimension : permutation) {
    result.push_back(shape[dimension]);
  }
  types.push_back(tensorOf(context, result));
  return success();
}

// permute {0, 1, ...}(x) = x
OpFoldResult PermuteOp::fold(FoldAdaptor) {
  bool identity = llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getPermutation().size()));
  return identity ? getInput() : OpFoldResult();
}
