//===- Swin.cpp - Swin Transformer ----------------------------------------===//

#include "models/Swin/Swin.h"

#include "models/Layers.h"
#include "models/Swin/PatchEmbed.h"
#include "models/Swin/SwinStage.h"
#include "models/Swin/WindowAttention.h"

namespace oriel {

/// Everything that is cut into tiles: the image, the maps of all stages, and what is merged.
static llvm::SmallVector<Tiling> tilingsOf(Size2D image, const SwinConfig &config) {
  const SwinNames &names = config.names;
  llvm::SmallVector<Tiling> tilings = {
      {(names.patchEmbed + "." + names.projection).str(), image, config.patch, "patches"}};
  Size2D map = {image.height / config.patch.height, image.width / config.patch.width};
  for (size_t stage = 0; stage < config.depths.size(); ++stage) {
    if (stage != 0) {
      size_t owner = config.mergesAtStageEnd ? stage - 1 : stage;
      tilings.push_back({(names.stages + "." + llvm::Twine(owner) + "." + names.merging).str(),
                         map,
                         {2, 2},
                         "patches"});
      map = {map.height / 2, map.width / 2};
    }
    Windows windows = Windows::of(map, config.window, /*isShifted=*/false);
    tilings.push_back({(names.stages + "." + llvm::Twine(stage) + ".blocks.0.attn").str(), map,
                       windows.window, "windows"});
  }
  return tilings;
}

GraphTensor swin(GraphBuilder &builder, GraphTensor image, const SwinConfig &config) {
  requireTilings(builder, image.getMapSize(), [&](Size2D size) { return tilingsOf(size, config); });

  GraphTensor x = patchEmbed(builder, image, config);
  for (size_t stage = 0; stage < config.depths.size(); ++stage) {
    x = swinStage(builder, x, stage, config);
  }
  x = layerNorm(builder, "norm", x);
  {
    Scope scope(builder, config.names.pool);
    x = builder.globalAvgPool(x);
  }
  return linear(builder, config.names.head, x, config.classifier.numClasses);
}

SwinConfig textbookSwinConfig() {
  SwinConfig config;
  config.names = {.patchEmbed = "patch_embedding",
                  .projection = "patch_embed",
                  .stages = "stages",
                  .attentionNorm = "attn_norm",
                  .mlpNorm = "mlp_norm",
                  .merging = "patch_merging",
                  .pool = "global_pool",
                  .head = "fc"};
  config.hasRelativePositionBias = false;
  config.hasReductionBias = true;
  config.mergesAtStageEnd = true;
  return config;
}

} // namespace oriel
