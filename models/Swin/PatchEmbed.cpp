//===- PatchEmbed.cpp - From pixels to patch tokens -----------------------===//

#include "models/Swin/PatchEmbed.h"

#include "models/Layers.h"

namespace oriel {

/// A linear map of each patch, written as a convolution whose stride is its filter's size.
static Tensor projectPatches(GraphBuilder &builder, llvm::StringRef name, Tensor image,
                             Size2D patch, int64_t channels) {
  Scope scope(builder, name);
  Tensor filter =
      builder.parameter("weight", {channels, image.getChannels(), patch.height, patch.width});
  Tensor bias = builder.parameter("bias", {channels});
  return builder.conv2d(image, filter, bias, {.stride = patch});
}

Tensor patchEmbed(GraphBuilder &builder, Tensor image, const SwinConfig &config) {
  Scope scope(builder, config.names.patchEmbed);
  Tensor x = projectPatches(builder, config.names.projection, image, config.patch, config.embedDim);
  return layerNorm(builder, "norm", x);
}

} // namespace oriel
