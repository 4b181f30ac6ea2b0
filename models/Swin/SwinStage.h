//===- SwinStage.h - Blocks of one resolution -----------------------------===//
#ifndef ORIEL_MODELS_SWIN_SWINSTAGE_H
#define ORIEL_MODELS_SWIN_SWINSTAGE_H

#include "models/Swin/SwinConfig.h"

namespace oriel {

/// Stage `stage`: patch merging between stages, and blocks with windows shifted in every second.
GraphTensor swinStage(GraphBuilder &builder, GraphTensor x, size_t stage, const SwinConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_SWINSTAGE_H
