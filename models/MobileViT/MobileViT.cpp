//===- MobileViT.cpp - MobileViT ------------------------------------------===//

#include "models/MobileViT/MobileViT.h"

#include "models/MobileViT/ConvNormAct.h"
#include "models/MobileViT/MV2Block.h"
#include "models/MobileViT/MobileViTBlock.h"

using llvm::Twine;

namespace oriel {

/// The maps that are unfolded. (timm resizes a map that patches do not tile, and back.)
static llvm::SmallVector<Tiling> tilingsOf(Size2D image, const MobileViTConfig &config) {
  auto convolve = [](int64_t size, int64_t stride) { return (size - 1) / stride + 1; };
  llvm::SmallVector<Tiling> tilings;
  Size2D map = {convolve(image.height, 2), convolve(image.width, 2)};
  for (auto [index, stage] : llvm::enumerate(config.stages)) {
    map = {convolve(map.height, stage.stride), convolve(map.width, stage.stride)};
    if (stage.transformerDepth != 0) {
      tilings.push_back({("stages." + Twine(index) + "." + Twine(stage.blocks)).str(), map,
                         config.patch, "patches"});
    }
  }
  return tilings;
}

static GraphTensor mobileViTStage(GraphBuilder &builder, GraphTensor x, const MobileViTStage &stage,
                                  const MobileViTConfig &config) {
  for (int64_t block = 0; block < stage.blocks; ++block) {
    Scope scope(builder, Twine(block));
    x = mv2Block(builder, x, stage.channels, block == 0 ? stage.stride : 1, config.expansion);
  }
  if (stage.transformerDepth != 0) {
    Scope scope(builder, Twine(stage.blocks));
    x = mobileViTBlock(builder, x, stage, config);
  }
  return x;
}

GraphTensor mobileViT(GraphBuilder &builder, GraphTensor image, const MobileViTConfig &config) {
  requireTilings(builder, image.getMapSize(), [&](Size2D size) { return tilingsOf(size, config); });

  GraphTensor x = convNormAct(builder, "stem", image,
                              {.channels = config.stemChannels, .kernel = 3, .stride = 2});
  for (auto [index, stage] : llvm::enumerate(config.stages)) {
    Scope scope(builder, "stages." + Twine(index));
    x = mobileViTStage(builder, x, stage, config);
  }
  x = convNormAct(builder, "final_conv", x, {.channels = config.finalChannels});
  {
    Scope scope(builder, "head.global_pool");
    x = builder.globalAvgPool(x);
  }
  return linear(builder, "head.fc", x, config.classifier.numClasses);
}

} // namespace oriel
