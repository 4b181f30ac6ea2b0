//===- PatchEmbed.cpp - From pixels to patch tokens -----------------------===//

#include "models/Swin/PatchEmbed.h"

#include "models/Layers.h"

namespace oriel {

/// A linear map of each patch, written as a convolution whose stride is its filter's size.
static GraphTensor projectPatches(GraphBuilder &builder, llvm::StringRef name, GraphTensor image,
                                  Size2D patch, int64_t channels) {
  Scope scope(builder, name);
  GraphTensor filter =
      builder.parameter("weight", {channels, image.getChannels(), patch.height, patch.width});
  GraphTensor bias = builder.parameter("bias", {channels});
  return builder.conv2d(image, filter, bias, {.stride = patch});
}

GraphTensor patchEmbed(GraphBuilder &builder, GraphTensor image, const SwinConfig &config) {
  Scope scope(builder, config.names.patchEmbed);
  GraphTensor x =
      projectPatches(builder, config.names.projection, image, config.patch, config.embedDim);
  return layerNorm(builder, "norm", x);
}

} // namespace oriel
