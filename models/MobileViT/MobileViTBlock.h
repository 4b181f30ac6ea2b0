//===- MobileViTBlock.h - Convolution and attention over the whole map ----===//
#ifndef ORIEL_MODELS_MOBILEVIT_MOBILEVITBLOCK_H
#define ORIEL_MODELS_MOBILEVIT_MOBILEVITBLOCK_H

#include "models/MobileViT/MobileViTConfig.h"

namespace oriel {

/// Local features by a 3x3, then attention among all pixels of equal position in their patch, fused
/// with the input by another 3x3. Keeps the shape [B, H, W, C].
///
/// Source: Mehta and Rastegari, MobileViT (2022), section 3.1, figure 1b.
GraphTensor mobileViTBlock(GraphBuilder &builder, GraphTensor x, const MobileViTStage &stage,
                           const MobileViTConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_MOBILEVIT_MOBILEVITBLOCK_H
