//===- MV2Block.cpp - The inverted residual block of MobileNetV2 ----------===//

#include "models/MobileViT/MV2Block.h"

#include "models/MobileViT/ConvNormAct.h"

namespace oriel {

GraphTensor mv2Block(GraphBuilder &builder, GraphTensor x, int64_t channels, int64_t stride,
                     int64_t expansion) {
  int64_t middle = x.getChannels() * expansion;
  GraphTensor y = convNormAct(builder, "conv1_1x1", x, {.channels = middle});
  y = convNormAct(builder, "conv2_kxk", y,
                  {.channels = middle, .kernel = 3, .stride = stride, .groups = middle});
  y = convNormAct(builder, "conv3_1x1", y, {.channels = channels, .activation = Activation::None});
  bool isResidual = stride == 1 && channels == x.getChannels();
  return isResidual ? builder.add(y, x) : y;
}

} // namespace oriel
