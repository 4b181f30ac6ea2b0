//===- PatchEmbed.h - From pixels to patch tokens -------------------------===//
#ifndef ORIEL_MODELS_SWIN_PATCHEMBED_H
#define ORIEL_MODELS_SWIN_PATCHEMBED_H

#include "models/Swin/SwinConfig.h"

namespace oriel {

/// Cuts the image [B, H, W, 3] into patches and maps each to a normalised token of `embedDim`
/// channels: [B, H/patch, W/patch, embedDim].
GraphTensor patchEmbed(GraphBuilder &builder, GraphTensor image, const SwinConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_PATCHEMBED_H
