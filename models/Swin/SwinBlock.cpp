//===- SwinBlock.cpp - A transformer block on windows ---------------------===//

#include "models/Swin/SwinBlock.h"

#include "models/Layers.h"
#include "models/Swin/WindowAttention.h"

namespace oriel {

GraphTensor swinBlock(GraphBuilder &builder, GraphTensor x, int64_t heads, bool isShifted,
                      const SwinConfig &config) {
  Windows windows = Windows::of(x.getMapSize(), config.window, isShifted);
  auto [height, width] = windows.shift;

  GraphTensor y = layerNorm(builder, config.names.attentionNorm, x);
  if (windows.areShifted()) {
    y = builder.roll(y, {-height, -width});
  }
  y = builder.windowPartition(y, windows.window);
  y = windowAttention(builder, "attn", y, heads, windows, config.hasRelativePositionBias);
  y = builder.windowReverse(y, windows.window, windows.map);
  if (windows.areShifted()) {
    y = builder.roll(y, {height, width});
  }
  x = builder.add(x, y);

  y = layerNorm(builder, config.names.mlpNorm, x);
  auto hidden = static_cast<int64_t>(static_cast<double>(x.getChannels()) * config.mlpRatio);
  y = mlp(builder, "mlp", y, hidden, Activation::Gelu);
  return builder.add(x, y);
}

} // namespace oriel
