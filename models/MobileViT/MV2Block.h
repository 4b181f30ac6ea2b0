//===- MV2Block.h - The inverted residual block of MobileNetV2 ------------===//
#ifndef ORIEL_MODELS_MOBILEVIT_MV2BLOCK_H
#define ORIEL_MODELS_MOBILEVIT_MV2BLOCK_H

#include "frontend/GraphBuilder.h"

namespace oriel {

/// Expands with 1x1, filters with a depthwise 3x3 of the given stride, projects to `channels` with
/// a 1x1 that has no activation. Residual where input and output have one shape.
///
/// Source: Sandler et al., MobileNetV2 (2018), section 3.3.
GraphTensor mv2Block(GraphBuilder &builder, GraphTensor x, int64_t channels, int64_t stride,
                     int64_t expansion);

} // namespace oriel

#endif // ORIEL_MODELS_MOBILEVIT_MV2BLOCK_H
