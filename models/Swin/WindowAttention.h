//===- WindowAttention.h - Attention in (shifted) windows -----------------===//
//
// Source: Liu et al., Swin Transformer (2021), section 3.2.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_MODELS_SWIN_WINDOWATTENTION_H
#define ORIEL_MODELS_SWIN_WINDOWATTENTION_H

#include "frontend/GraphBuilder.h"

namespace oriel {

/// How a map is cut into windows. In a dimension where the map is not larger than the configured
/// window, the window is the map and there is no shift.
/// Source: huggingface/pytorch-image-models:timm/models/swin_transformer.py (_calc_window_shift).
struct Windows {
  Size2D map;
  Size2D window;
  Size2D shift;

  /// Windows of W-MSA, or with `isShifted` of SW-MSA: shifted by half a window.
  static Windows of(Size2D map, Size2D window, bool isShifted);

  bool areShifted() const { return shift != Size2D(); }
};

/// W-MSA and SW-MSA: attention among the tokens of each window of x [B, windows, tokens, C], with
/// scores softmax(q k^T / sqrt(d) + relative position bias + shift mask).
GraphTensor windowAttention(GraphBuilder &builder, llvm::StringRef name, GraphTensor x,
                            int64_t heads, const Windows &windows, bool hasRelativePositionBias);

} // namespace oriel

#endif // ORIEL_MODELS_SWIN_WINDOWATTENTION_H
