//===- PatchMerging.cpp - Half the resolution, twice the channels ---------===//

#include "models/Swin/PatchMerging.h"

#include "models/Layers.h"

namespace oriel {

GraphTensor patchMerging(GraphBuilder &builder, GraphTensor x, const SwinConfig &config) {
  Scope scope(builder, config.names.merging);
  int64_t channels = x.getChannels();
  x = builder.patchMerge(x);
  x = layerNorm(builder, "norm", x);
  return linear(builder, "reduction", x, 2 * channels, config.hasReductionBias);
}

} // namespace oriel
