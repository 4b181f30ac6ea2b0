//===- Define.h - The algorithm of each op, in Halide ---------------------===//
//
// One `define` for each op of the dialect: operand Funcs in, a Func over the result's natural
// dimensions out, innermost first: (c, ..., b). A definition says nothing of the order of
// computation; that is the families' business.
//
// Row-wise and pointwise ops take operands of any rank, so a family may hand them a feature map as
// [rows, C].
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_DEFINE_H
#define ORIEL_COMPILER_KERNELS_DEFINE_H

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "Halide.h"

namespace oriel {

/// A value of a region as Halide sees it.
struct DefinedValue {
  /// One argument for each dimension, innermost first.
  Halide::Func func;
  /// Outermost first. Dimension 0 is the batch (known at run time only) unless isParameter.
  llvm::SmallVector<int64_t> shape;
  bool isParameter = false;
  /// Rows and columns around dimensions 1 and 2 that may be read, as zeros.
  int64_t haloY = 0, haloX = 0;

  size_t rank() const { return shape.size(); }
  /// Extent of the innermost dimension.
  int extent() const { return static_cast<int>(shape.back()); }
};

/// Defines an op with one result. `operands` are those of the op; an absent optional operand is
/// absent here, too.
DefinedValue define(mlir::Operation *op, llvm::ArrayRef<DefinedValue> operands);

/// The normalised channels of pixels, with the roundings that the op's description gives.
DefinedValue defineNormalizeImage(NormalizeImageOp op, const DefinedValue &pixels);

/// layer_norm in stages: the row's mean, its 1 / sqrt(variance + epsilon), the result.
/// The variance is that of the centred row (two passes), in float32.
struct LayerNormStages {
  Halide::RDom meanDomain, varianceDomain;
  /// Sums over the row, (outer...).
  Halide::Func sum, squares;
  DefinedValue result;
};
LayerNormStages defineLayerNorm(LayerNormOp op, const DefinedValue &input,
                                const DefinedValue &gamma, const DefinedValue &beta);

/// softmax in stages: the row's maximum, exp(x - maximum), their sum, the result.
struct SoftmaxStages {
  Halide::RDom maximumDomain, sumDomain;
  Halide::Func maximum, exponential, sum;
  DefinedValue result;
};
SoftmaxStages defineSoftmax(const DefinedValue &input);

/// global_avg_pool in stages: the sum over positions, (c, b), and the result.
struct PoolStages {
  Halide::RDom domain;
  Halide::Func sum;
  DefinedValue result;
};
PoolStages definePool(const DefinedValue &input);

/// A linear layer or 1x1 convolution on rows. `parts` are joined along the channels (a concat read
/// in place: one update for each part, none with a select). `weight` is [N, K] or [N, K, 1, 1],
/// `bias` [N] or absent.
DefinedValue defineLinear(llvm::StringRef name, llvm::ArrayRef<DefinedValue> parts,
                          const DefinedValue &weight, const DefinedValue *bias);

/// `input` as a convolution with this padding reads it: with zeros around the map. Where its halo
/// does not hold them they come from a test of borders, which loops over x may be partitioned by.
Halide::Func withZerosAround(const DefinedValue &input, int64_t paddingY, int64_t paddingX);

/// `input` with zeros around the map however far away it is read, as by tiles that go on behind its
/// end, where there may be no memory. The zeros come from a test of borders.
Halide::Func withZerosEverywhere(const DefinedValue &input);

/// A convolution; `parts` as in defineLinear, of groups = 1 if more than one.
DefinedValue defineConvolution(Conv2DOp op, llvm::ArrayRef<DefinedValue> parts,
                               const DefinedValue &filter, const DefinedValue *bias);

/// `count` unnamed outer dimensions of a definition.
std::vector<Halide::Var> outerDimensions(size_t count);

/// [first, rest...] as the arguments of a call.
template <typename First, typename Rest>
std::vector<Halide::Expr> coordinates(const First &first, const Rest &rest) {
  std::vector<Halide::Expr> result{first};
  result.insert(result.end(), rest.begin(), rest.end());
  return result;
}

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_DEFINE_H
