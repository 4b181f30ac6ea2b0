//===- MobileViTBlock.cpp - Convolution and attention over the whole map --===//

#include "models/MobileViT/MobileViTBlock.h"

#include "models/MobileViT/ConvNormAct.h"
#include "models/MobileViT/Transformer.h"

namespace oriel {

GraphTensor mobileViTBlock(GraphBuilder &builder, GraphTensor x, const MobileViTStage &stage,
                           const MobileViTConfig &config) {
  int64_t channels = x.getChannels();
  Size2D map = x.getMapSize();

  GraphTensor y = convNormAct(builder, "conv_kxk", x, {.channels = channels, .kernel = 3});
  y = conv2d(builder, "conv_1x1", y, stage.transformerDim, /*kernel=*/1);

  y = builder.unfoldPatches(y, config.patch);
  y = transformer(builder, "transformer", y, stage.transformerDepth, config);
  y = layerNorm(builder, "norm", y);
  y = builder.foldPatches(y, config.patch, map);

  y = convNormAct(builder, "conv_proj", y, {.channels = channels});
  y = builder.concat({x, y});
  return convNormAct(builder, "conv_fusion", y, {.channels = channels, .kernel = 3});
}

} // namespace oriel
