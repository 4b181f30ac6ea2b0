//===- MobileViT.h - MobileViT --------------------------------------------===//
//
// Source: Mehta and Rastegari, MobileViT: Light-weight, General-purpose, and Mobile-friendly Vision
// Transformer (2022); names and details as in
// huggingface/pytorch-image-models:timm/models/mobilevit.py.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_MODELS_MOBILEVIT_MOBILEVIT_H
#define ORIEL_MODELS_MOBILEVIT_MOBILEVIT_H

#include "models/MobileViT/MobileViTConfig.h"

namespace oriel {

/// The network: a feature map [B, H, W, 3] of the image to class scores [B, classes].
GraphTensor mobileViT(GraphBuilder &builder, GraphTensor image, const MobileViTConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_MOBILEVIT_MOBILEVIT_H
