//===- FusionGain.cpp - Whether products in one kernel are faster ---------===//

#include "compiler/Kernels/FusionGain.h"

#include "compiler/Kernels/InvertedResidualShape.h"
#include "compiler/Kernels/MlpBlocks.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace oriel;

static std::string megabytes(int64_t bytes) {
  return llvm::formatv("{0:F1} MB", static_cast<double>(bytes) * 1e-6);
}

/// Each task reads both weights, which is for nothing as long as they stay in the second-level
/// cache; what is gained is the way of the hidden activation to memory and back, where it would
/// leave that cache.
///
/// Measured on Zen 3, time of two kernels over that of one, on one and on two threads: 1.04
/// and 1.09 for Swin-T's first stage (weights of 0.3 MB, 4.8 MB of hidden activation), 1.07
/// and 1.09 for Swin-B's (0.5 MB, 6.4 MB), 0.99 and 1.05 for MobileViT-S's first transformer (0.3
/// MB, 1.2 MB), 0.84 for Swin-T's second stage (1.2 MB, 2.4 MB).
static bool isMlpFaster(const KernelPlan &plan, const KernelTarget &target, std::string &reason) {
  MlpShape shape(plan);
  int64_t hidden = shape.rows * shape.hiddenBytes(), weights = shape.weightBytes();
  std::string text = megabytes(hidden) + " of hidden activation";
  if (weights > target.l2Bytes) {
    reason = "the weights of " + megabytes(weights) +
             " would be read again for each block of the " + text;
    return false;
  }
  if (hidden < 4 * target.l2Bytes) {
    reason = "the " + text + " hardly leave the cache";
    return false;
  }
  reason = text + " stay in the cache";
  return true;
}

/// What is gained is the way of both wide activations to memory and back, if the lines that a task
/// keeps stay in the second-level cache beside the weights. Lost are the lines that two tasks
/// compute, and the prefetching of the weights.
///
/// Measured on Zen 3, time of three kernels over that of one, on one and on two threads:
/// 1.20 and 1.15 for MobileViT-S's stages.0.0 (4.2 MB expanded), 1.20 and 1.17 for its stages.1.0
/// (8.4 MB), 1.07 and 1.02 for its stages.1.1 (4.2 MB), 1.05 and 1.05 for MobileViT-XXS's
/// stages.0.0 (2.1 MB), 1.00 and 1.00 for its stages.1.1 (0.8 MB), 0.96 and 0.97 for MobileViT-S's
/// stages.3.0 (1.6 MB).
static bool isInvertedResidualFaster(const KernelPlan &plan, const KernelTarget &target,
                                     std::string &reason) {
  InvertedResidualShape shape(plan);
  std::string text = megabytes(shape.expandedBytes) + " of expanded activation";
  if (shape.workingBytes() > target.l2Bytes) {
    reason = "the weights and the lines of the " + text + " that a task reads again, " +
             megabytes(shape.workingBytes()) + ", do not stay in the cache";
    return false;
  }
  if (shape.expandedBytes < 4 * target.l2Bytes) {
    reason = "the " + text + " hardly leave the cache";
    return false;
  }
  reason = text + " stay in the cache";
  return true;
}

/// What is gained is the way of the rows to memory and back, far behind the second-level cache, and
/// a launch. Each task reads the weight for the rows of a few groups of tokens, and takes the
/// residual and the result in pieces of a window's lines, which costs more where registers hold one
/// panel. A group is never shared between tasks. What counts is an item: a batch runs in slices
/// that the caches hold, where they can.
///
/// Measured on Zen 4, time of two kernels over that of one, on one and on two threads, with
/// AVX-512: 1.14 and 1.08 for Swin-T's first stage on four images at once (4.8 MB, a weight of 37
/// KB), 1.04 and 1.03 for MobileViT-S's 256 tokens on eight (4.7 MB, 83 KB), 1.03 to 1.06 and 1.01
/// to 1.06 for Swin-T's first stage (1.2 MB), 1.02 and 0.98 to 1.08 for its second (0.6 MB, 147
/// KB), 1.00 and 1.00 for its third (590 KB), 1.00 and 0.51 for its last (one window). With AVX2:
/// 0.99 and 1.00, 1.02 and 1.02, 0.95 to 1.01 and 0.99 to 1.05, 0.93 to 0.97 and 0.97 to 1.01, 0.93
/// to 0.99 and 0.95 to 1.01, 0.99 and 0.52; 0.90 and 0.91 for Swin-B's first stage (1.6 MB, 66 KB),
/// 0.95 at batch 4 (6.4 MB), where AVX-512 has 1.06 and 1.00, and 1.11.
static bool isAttentionProjectionFaster(const KernelPlan &plan, const KernelTarget &target,
                                        std::string &reason) {
  constexpr int64_t fewGroups = 8;
  auto rows = cast<RankedTensorType>(MergeHeadsOp(plan.attention.merge).getType());
  int64_t channels = rows.getShape().back();
  auto result = cast<RankedTensorType>(plan.anchor->getResult(0).getType());
  int64_t weights = channels * roundUpToPanel(result.getShape().back()) * int64_t(sizeof(float));
  int64_t groups = rows.getDimSize(1);
  int64_t bytes = groups * rows.getDimSize(2) * channels * int64_t(sizeof(float));
  if (groups < fewGroups) {
    reason =
        llvm::formatv("tasks would be whole groups of tokens, of which there are only {0}", groups);
    return false;
  }
  if (weights > target.l2Bytes / 4) {
    reason = llvm::formatv("the weight of {0} would be read again for each of {1} groups of tokens",
                           megabytes(weights), groups);
    return false;
  }
  std::string text = megabytes(bytes) + " that attention computes";
  if (bytes < 8 * target.l2Bytes) {
    reason = "the " + text + " hardly leave the cache";
    return false;
  }
  reason = text + " stay in the cache";
  return true;
}

bool oriel::isFasterThanParts(const KernelPlan &plan, std::string &reason) {
  // A module has one graph for all of its targets: the caches of the smallest decide.
  KernelTarget target = *KernelTarget::get("x86-64-v3");
  switch (plan.family) {
  case KernelFamily::Mlp:
    return isMlpFaster(plan, target, reason);
  case KernelFamily::InvertedResidual:
    return isInvertedResidualFaster(plan, target, reason);
  case KernelFamily::AttentionProjection:
    return isAttentionProjectionFaster(plan, target, reason);
  default:
    return true;
  }
}
