//===- MobileViTConfig.h - Sizes of MobileViT -----------------------------===//
#ifndef ORIEL_MODELS_MOBILEVIT_MOBILEVITCONFIG_H
#define ORIEL_MODELS_MOBILEVIT_MOBILEVITCONFIG_H

#include "models/Classifier.h"

namespace oriel {

/// MV2 blocks, of which the first has the stride; then, where there is a transformer, a MobileViT
/// block.
struct MobileViTStage {
  int64_t channels;
  int64_t stride;
  int64_t blocks = 1;
  /// Width and layers of the transformer; 0 layers: none.
  int64_t transformerDim = 0;
  int64_t transformerDepth = 0;
};

struct MobileViTConfig {
  ClassifierConfig classifier;
  int64_t stemChannels = 16;
  llvm::SmallVector<MobileViTStage> stages;
  int64_t finalChannels = 640;
  /// Width of an MV2 block's middle, in multiples of its input channels.
  int64_t expansion = 4;
  Size2D patch = {2, 2};
  int64_t numHeads = 4;
  /// Width of the hidden layer of the MLPs, in multiples of the transformer's width.
  double mlpRatio = 2;
};

} // namespace oriel

#endif // ORIEL_MODELS_MOBILEVIT_MOBILEVITCONFIG_H
