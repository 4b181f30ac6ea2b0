//===- SwinConfig.h - Sizes and forms of Swin -----------------------------===//
#ifndef ORIEL_MODELS_SWIN_SWINCONFIG_H
#define ORIEL_MODELS_SWIN_SWINCONFIG_H

#include "models/Classifier.h"

namespace oriel {

/// Names of the layers in a weights file.
struct SwinNames {
  llvm::StringRef patchEmbed = "patch_embed";
  llvm::StringRef projection = "proj";
  llvm::StringRef stages = "layers";
  llvm::StringRef attentionNorm = "norm1";
  llvm::StringRef mlpNorm = "norm2";
  llvm::StringRef merging = "downsample";
  llvm::StringRef pool = "head.global_pool";
  llvm::StringRef head = "head.fc";
};

struct SwinConfig {
  ClassifierConfig classifier;
  Size2D patch = {4, 4};
  Size2D window = {7, 7};
  /// Channels of the first stage; each further stage has twice as many.
  int64_t embedDim = 96;
  /// Blocks and heads of each stage.
  llvm::SmallVector<int64_t> depths = {2, 2, 6, 2};
  llvm::SmallVector<int64_t> numHeads = {3, 6, 12, 24};
  /// Width of the hidden layer of the MLPs, in multiples of the channels.
  double mlpRatio = 4;

  // What the textbook form has otherwise than the paper's code and timm.
  SwinNames names;
  bool hasRelativePositionBias = true;
  bool hasReductionBias = false;
  /// Patch merging belongs to the stage it follows, not to the one it leads to.
  bool mergesAtStageEnd = false;
};

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_SWINCONFIG_H
