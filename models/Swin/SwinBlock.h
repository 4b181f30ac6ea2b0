//===- SwinBlock.h - A transformer block on windows -----------------------===//
#ifndef ORIEL_MODELS_SWIN_SWINBLOCK_H
#define ORIEL_MODELS_SWIN_SWINBLOCK_H

#include "models/Swin/SwinConfig.h"

namespace oriel {

/// Two residual steps on a feature map:
///
///   x = x + (S)W-MSA(LN(x));   x = x + MLP(LN(x))
///
/// Source: Liu et al., Swin Transformer (2021), section 3.2, equation 3.
GraphTensor swinBlock(GraphBuilder &builder, GraphTensor x, int64_t heads, bool isShifted,
                      const SwinConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_SWINBLOCK_H
