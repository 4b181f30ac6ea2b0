//===- WindowAttention.cpp - Attention in (shifted) windows ---------------===//

#include "models/Swin/WindowAttention.h"

#include "models/Layers.h"

namespace oriel {

Windows Windows::of(Size2D map, Size2D window, bool isShifted) {
  Windows result = {map, window, {}};
  for (auto dimension : {&Size2D::height, &Size2D::width}) {
    if (map.*dimension <= window.*dimension) {
      result.window.*dimension = map.*dimension;
    } else if (isShifted) {
      result.shift.*dimension = window.*dimension / 2;
    }
  }
  return result;
}

GraphTensor windowAttention(GraphBuilder &builder, llvm::StringRef name, GraphTensor x,
                            int64_t heads, const Windows &windows, bool hasRelativePositionBias) {
  auto [map, window, shift] = windows;
  int64_t offsets = (2 * window.height - 1) * (2 * window.width - 1);
  return selfAttention(builder, name, x, heads, [&](GraphTensor scores) {
    if (hasRelativePositionBias) {
      GraphTensor table = builder.parameter("relative_position_bias_table", {offsets, heads});
      scores = builder.add(scores, builder.relativePositionBias(table, window));
    }
    if (windows.areShifted()) {
      scores = builder.add(scores, builder.shiftMask(map, window, shift));
    }
    return scores;
  });
}

} // namespace oriel
