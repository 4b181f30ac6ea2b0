//===- Swin.h - Swin Transformer ------------------------------------------===//
//
// Source: Liu et al., Swin Transformer: Hierarchical Vision Transformer using Shifted Windows
// (2021); names and details as in huggingface/pytorch-image-models:timm/models/swin_transformer.py.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_MODELS_SWIN_SWIN_H
#define ORIEL_MODELS_SWIN_SWIN_H

#include "models/Swin/SwinConfig.h"

namespace oriel {

/// The network: a feature map [B, H, W, 3] of the image to class scores [B, classes].
GraphTensor swin(GraphBuilder &builder, GraphTensor image, const SwinConfig &config);

/// The textbook form of Swin-T: no relative position bias, a biased reduction in patch merging,
/// which ends a stage.
SwinConfig textbookSwinConfig();

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_SWIN_H
