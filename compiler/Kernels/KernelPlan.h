//===- KernelPlan.h - What one kernel computes, and how -------------------===//
//
// The one place that decides what can be computed together. Fusion asks planKernel about a
// tentative region; the kernel compiler schedules what it answers.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELPLAN_H
#define ORIEL_COMPILER_KERNELS_KERNELPLAN_H

#include "compiler/Dialect/Graph/GraphDialect.h"

namespace oriel {

enum class KernelFamily {
  /// [patch_merge | concat] [layer_norm] -> linear or 1x1 convolution -> epilogue
  Gemm,
  /// [layer_norm] -> linear or 1x1 convolution -> activation -> linear or 1x1 convolution ->
  /// epilogue
  Mlp,
  /// 1x1 convolution -> activation -> depthwise convolution -> activation -> 1x1 convolution ->
  /// epilogue. On processors only.
  InvertedResidual,
  /// [permute to channel-last | normalize_image | concat] -> dense or grouped convolution ->
  /// epilogue
  Convolution,
  /// [concat] -> winograd_conv2d -> epilogue
  WinogradConvolution,
  /// depthwise convolution -> epilogue
  DepthwiseConvolution,
  /// softmax(q k^T) v by heads, with its window movement
  Attention,
  /// the same -> linear or 1x1 convolution -> epilogue. On processors only.
  AttentionProjection,
  /// one matmul
  BatchedMatmul,
  /// layer_norm, softmax or global_avg_pool -> epilogue
  RowReduction,
  /// pointwise ops and data movement
  Elementwise,
};

/// "gemm", "mlp", "inverted-residual", "conv", "winograd", "depthwise", "attention",
/// "attention-projection", "matmul", "row-reduction", "elementwise".
llvm::StringRef getName(KernelFamily family);

/// A linear layer, or the same as a convolution: 1x1, stride 1.
bool isGemm(mlir::Operation *op);

/// The parts of an attention kernel.
struct AttentionPlan {
  SplitHeadsOp query, key, value;
  /// Product of the factors on q and on the scores.
  double scale = 1.0;
  MatmulOp scores, output;
  /// The op that adds to the scores: AddOp, AddWindowBiasOp, or null.
  mlir::Operation *bias = nullptr;
  SoftmaxOp softmax;
  MergeHeadsOp merge;
  /// The index maps of each of query, key and value, in order of execution: at most a roll, then at
  /// most a window_partition or unfold_patches. Where the three read one tensor they are the same.
  llvm::SmallVector<mlir::Operation *, 2> queryMaps, keyMaps, valueMaps;
  /// After merge: at most a window_reverse or fold_patches, then at most a roll.
  llvm::SmallVector<mlir::Operation *, 2> outputMaps;
};

/// A product, or depthwise convolution, whose result a kernel computes in scratch for the next one.
struct HiddenProduct {
  mlir::Operation *product = nullptr;
  /// The activations between it and the next product, in order of execution: silu, gelu.
  llvm::SmallVector<mlir::Operation *, 1> activations;

  /// What the next product reads.
  mlir::Value getResult() const {
    return (activations.empty() ? product : activations.back())->getResult(0);
  }
};

/// A kernel region, understood. All ops belong to the planned region.
struct KernelPlan {
  KernelFamily family;
  /// The op that dominates: linear, conv2d, matmul, layer_norm, softmax or global_avg_pool. Of an
  /// attention the scores' matmul, of AttentionProjection the projection; null for Elementwise.
  mlir::Operation *anchor = nullptr;
  /// Ops before the anchor in order of execution; without layer_norm.
  llvm::SmallVector<mlir::Operation *> prologue;
  /// The layer_norm whose result the anchor reads; of Mlp, the first product.
  LayerNormOp rowStatistics;
  /// The products before the anchor in order of execution: one of Mlp, two of
  /// InvertedResidual, else none.
  llvm::SmallVector<HiddenProduct, 2> hidden;
  /// Ops after the anchor in order of execution: silu, gelu, scale, batch_norm, add.
  llvm::SmallVector<mlir::Operation *> epilogue;
  /// Of Attention and AttentionProjection only.
  AttentionPlan attention;
  /// Floating-point operations of the ops with WorkOpInterface, for the batch of the types.
  int64_t flops = 0;
  /// The kernel computes nothing: it moves or reorders data.
  bool movesOnly = false;
};

/// Plans the kernel of a region, or fails with the reason in `refusal` (if given): one sentence
/// without a full stop, as a remark on why ops do not fuse.
mlir::FailureOr<KernelPlan> planKernel(KernelOp op, std::string *refusal = nullptr);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELPLAN_H
