//===- PatchMerging.h - Half the resolution, twice the channels -----------===//
#ifndef ORIEL_MODELS_SWIN_PATCHMERGING_H
#define ORIEL_MODELS_SWIN_PATCHMERGING_H

#include "models/Swin/SwinConfig.h"

namespace oriel {

/// Joins the channels of 2x2 neighbours, normalises and reduces 4C to 2C channels:
/// [B, H, W, C] to [B, H/2, W/2, 2C].
GraphTensor patchMerging(GraphBuilder &builder, GraphTensor x, const SwinConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_PATCHMERGING_H
