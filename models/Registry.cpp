//===- Registry.cpp - The models of the zoo -------------------------------===//

#include "models/Registry.h"

#include "models/MobileViT/MobileViT.h"
#include "models/Settings.h"
#include "models/Swin/Swin.h"

#include <variant>

using llvm::StringRef;

namespace oriel {

//===----------------------------------------------------------------------===//
// Configurations
//===----------------------------------------------------------------------===//

// Preprocessing as in timm's default_cfgs of these models.
static constexpr Preprocessing swinPreprocessing = {.size = {224, 224},
                                                    .mean = {0.485, 0.456, 0.406},
                                                    .std = {0.229, 0.224, 0.225},
                                                    .cropPct = 0.9};
static constexpr Preprocessing mobileViTPreprocessing = {.size = {256, 256}, .cropPct = 0.9};

static SwinConfig swinConfig(int64_t embedDim, int64_t thirdDepth, int64_t firstHeads) {
  SwinConfig config;
  config.embedDim = embedDim;
  config.depths = {2, 2, thirdDepth, 2};
  config.numHeads = {firstHeads, 2 * firstHeads, 4 * firstHeads, 8 * firstHeads};
  return config;
}

static MobileViTConfig mobileViTConfig(std::array<int64_t, 5> channels, std::array<int64_t, 3> dims,
                                       int64_t finalChannels, int64_t expansion) {
  MobileViTConfig config;
  config.stages = {
      {.channels = channels[0], .stride = 1},
      {.channels = channels[1], .stride = 2, .blocks = 3},
      {.channels = channels[2], .stride = 2, .transformerDim = dims[0], .transformerDepth = 2},
      {.channels = channels[3], .stride = 2, .transformerDim = dims[1], .transformerDepth = 4},
      {.channels = channels[4], .stride = 2, .transformerDim = dims[2], .transformerDepth = 3},
  };
  config.finalChannels = finalChannels;
  config.expansion = expansion;
  return config;
}

using ModelConfig = std::variant<SwinConfig, MobileViTConfig>;

struct ZooEntry {
  ZooModel model;
  ModelConfig (*makeConfig)();
};

static const ZooEntry entries[] = {
    {{"mobilevit_xxs", "MobileViT-XXS, 256x256, 1.3 M parameters"},
     [] { return ModelConfig(mobileViTConfig({16, 24, 48, 64, 80}, {64, 80, 96}, 320, 2)); }},
    {{"mobilevit_xs", "MobileViT-XS, 256x256, 2.3 M parameters"},
     [] { return ModelConfig(mobileViTConfig({32, 48, 64, 80, 96}, {96, 120, 144}, 384, 4)); }},
    {{"mobilevit_s", "MobileViT-S, 256x256, 5.6 M parameters"},
     [] { return ModelConfig(mobileViTConfig({32, 64, 96, 128, 160}, {144, 192, 240}, 640, 4)); }},
    {{"swin_tiny_patch4_window7_224", "Swin-T, 224x224, 28.3 M parameters"},
     [] { return ModelConfig(swinConfig(96, 6, 3)); }},
    {{"swin_small_patch4_window7_224", "Swin-S, 224x224, 49.6 M parameters"},
     [] { return ModelConfig(swinConfig(96, 18, 3)); }},
    {{"swin_base_patch4_window7_224", "Swin-B, 224x224, 87.8 M parameters"},
     [] { return ModelConfig(swinConfig(128, 18, 4)); }},
    {{"swin_large_patch4_window7_224", "Swin-L, 224x224, 196.5 M parameters"},
     [] { return ModelConfig(swinConfig(192, 18, 6)); }},
    {{"swin_basic_224",
      "textbook Swin-T without relative position bias, 224x224, 28.3 M parameters"},
     [] { return ModelConfig(textbookSwinConfig()); }},
};

//===----------------------------------------------------------------------===//
// Families
//===----------------------------------------------------------------------===//

static constexpr int64_t maxWidth = 65536, maxDepth = 256;
static constexpr size_t maxStages = 8;

static void setPreprocessing(SwinConfig &config) {
  config.classifier.preprocessing = swinPreprocessing;
}

static void setPreprocessing(MobileViTConfig &config) {
  config.classifier.preprocessing = mobileViTPreprocessing;
}

static std::vector<Setting> familySettings(SwinConfig &config) {
  return {sizeSetting("window_size", config.window, maxImageSize),
          sizeSetting("patch_size", config.patch, maxImageSize),
          integerSetting("embed_dim", config.embedDim, 1, maxWidth),
          listSetting("depths", config.depths, maxDepth, maxStages),
          listSetting("num_heads", config.numHeads, maxWidth, maxStages),
          numberSetting("mlp_ratio", config.mlpRatio, 64)};
}

static std::vector<Setting> familySettings(MobileViTConfig &config) {
  return {sizeSetting("patch_size", config.patch, maxImageSize),
          integerSetting("num_heads", config.numHeads, 1, maxWidth),
          numberSetting("mlp_ratio", config.mlpRatio, 64)};
}

static llvm::Error validate(const SwinConfig &config) {
  if (config.depths.size() != config.numHeads.size()) {
    return llvm::createStringError("depths has %zu stages, num_heads %zu: set both alike",
                                   config.depths.size(), config.numHeads.size());
  }
  return llvm::Error::success();
}

static llvm::Error validate(const MobileViTConfig &) { return llvm::Error::success(); }

static GraphTensor buildNetwork(GraphBuilder &builder, GraphTensor image,
                                const SwinConfig &config) {
  return swin(builder, image, config);
}

static GraphTensor buildNetwork(GraphBuilder &builder, GraphTensor image,
                                const MobileViTConfig &config) {
  return mobileViT(builder, image, config);
}

template <typename Config>
static llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildConfigured(mlir::MLIRContext &context, StringRef name, Config config,
                const ModelOptions &options) {
  setPreprocessing(config);
  config.classifier.batch = options.batch;
  std::vector<Setting> settings = classifierSettings(config.classifier);
  llvm::append_range(settings, familySettings(config));
  for (const std::string &assignment : options.settings) {
    if (llvm::Error error = applySetting(settings, name, assignment)) {
      return error;
    }
  }
  if (llvm::Error error = validate(config)) {
    return error;
  }
  return buildClassifier(context, name, config.classifier,
                         [&](GraphBuilder &builder, GraphTensor image) {
                           return buildNetwork(builder, image, config);
                         });
}

//===----------------------------------------------------------------------===//
// The zoo
//===----------------------------------------------------------------------===//

llvm::ArrayRef<ZooModel> getZooModels() {
  static const std::vector<ZooModel> models = [] {
    std::vector<ZooModel> result;
    for (const ZooEntry &entry : entries) {
      result.push_back(entry.model);
    }
    return result;
  }();
  return models;
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildModel(mlir::MLIRContext &context, StringRef name, const ModelOptions &options) {
  auto entry =
      llvm::find_if(entries, [&](const ZooEntry &each) { return each.model.name == name; });
  if (entry == std::end(entries)) {
    llvm::SmallVector<StringRef> names;
    for (const ZooModel &model : getZooModels()) {
      names.push_back(model.name);
    }
    return llvm::createStringError("unknown model '" + name + "'; did you mean '" +
                                   findNearest(name, names) + "'? --list-models lists all");
  }
  if (options.batch < 1 || options.batch > maxBatch) {
    return llvm::createStringError("batch %lld is not from 1 to %lld",
                                   static_cast<long long>(options.batch),
                                   static_cast<long long>(maxBatch));
  }
  return std::visit(
      [&](auto config) { return buildConfigured(context, name, std::move(config), options); },
      entry->makeConfig());
}

} // namespace oriel
