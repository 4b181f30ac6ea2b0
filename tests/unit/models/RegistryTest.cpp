//===- RegistryTest.cpp - The zoo's models, their settings and errors -----===//

#include "models/Registry.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "frontend/Preprocessing.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <fstream>
#include <map>
#include <set>

using namespace oriel;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

class RegistryTest : public testing::Test {
protected:
  /// A model that must build.
  mlir::OwningOpRef<mlir::ModuleOp> build(llvm::StringRef name, const ModelOptions &options = {}) {
    auto module = buildModel(context, name, options);
    if (!module) {
      ADD_FAILURE() << toString(module.takeError());
      return mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    }
    return std::move(*module);
  }

  /// The error of a model that must not.
  std::string errorOf(llvm::StringRef name, std::vector<std::string> settings, int64_t batch = 1) {
    auto module = buildModel(context, name, {batch, std::move(settings)});
    if (module) {
      return "built";
    }
    std::string text = toString(module.takeError());
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }

  mlir::MLIRContext context;
};

std::map<std::string, std::string> parametersOf(mlir::ModuleOp module) {
  std::map<std::string, std::string> result;
  module.walk([&](ParamOp op) { result[op.getName().str()] = formatShape(shapeOf(op)); });
  return result;
}

/// Elements of the trained parameters: all but the statistics of batch norms.
int64_t countParameters(mlir::ModuleOp module) {
  int64_t count = 0;
  module.walk([&](ParamOp op) {
    if (!op.getName().contains(".running_")) {
      count += op.getType().getNumElements();
    }
  });
  return count;
}

std::string formatSignature(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream(text)
      << module.lookupSymbol<mlir::func::FuncOp>("main").getFunctionType();
  return text;
}

} // namespace

// tests/unit/models/parameters/<model>.txt lists timm's state_dict (swin_basic_224: PyTorch's).
TEST_F(RegistryTest, ParametersAreThoseOfThePyTorchModels) {
  for (const char *name :
       {"mobilevit_xxs", "mobilevit_s", "swin_tiny_patch4_window7_224", "swin_basic_224"}) {
    std::ifstream file("tests/unit/models/parameters/" + std::string(name) + ".txt");
    ASSERT_TRUE(file) << name;
    std::map<std::string, std::string> expected;
    for (std::string parameter, shape; file >> parameter >> shape;) {
      expected[parameter] = shape;
    }
    EXPECT_EQ(parametersOf(*build(name)), expected) << name;
  }
}

// Counts as timm gives them: sum(p.numel() for p in model.parameters()).
TEST_F(RegistryTest, ParameterTotalsAreThoseOfTimm) {
  const std::map<std::string, int64_t> totals = {
      {"mobilevit_xxs", 1272024},
      {"mobilevit_xs", 2317848},
      {"mobilevit_s", 5578632},
      {"swin_tiny_patch4_window7_224", 28288354},
      {"swin_small_patch4_window7_224", 49606258},
      {"swin_base_patch4_window7_224", 87768224},
      {"swin_large_patch4_window7_224", 196532476},
      {"swin_basic_224", 28266376},
  };
  ASSERT_EQ(getZooModels().size(), totals.size());
  for (const ZooModel &model : getZooModels()) {
    EXPECT_EQ(countParameters(*build(model.name)), totals.at(model.name.str())) << model.name.str();
  }
}

TEST_F(RegistryTest, SignatureFollowsBatchImageAndClasses) {
  EXPECT_EQ(formatSignature(*build("mobilevit_xxs")),
            "(tensor<1x3x256x256xf32>) -> tensor<1x1000xf32>");
  EXPECT_EQ(formatSignature(*build("swin_tiny_patch4_window7_224",
                                   {4, {"image_size=224x448", "num_classes=10"}})),
            "(tensor<4x3x224x448xf32>) -> tensor<4x10xf32>");
}

TEST_F(RegistryTest, PreprocessingIsTimmsUnlessSet) {
  auto preprocessingOf = [&](llvm::StringRef name, std::vector<std::string> settings) {
    auto module = build(name, {1, std::move(settings)});
    EXPECT_EQ((*module)->getAttrOfType<mlir::StringAttr>("oriel.model").getValue(), name);
    return llvm::cantFail(readPreprocessing(*module)).value();
  };
  EXPECT_EQ(preprocessingOf("mobilevit_s", {}),
            (Preprocessing{{256, 256}, {0, 0, 0}, {1, 1, 1}, 0.9, Interpolation::Bicubic}));
  Preprocessing swin = {
      {224, 224}, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, 0.9, Interpolation::Bicubic};
  EXPECT_EQ(preprocessingOf("swin_large_patch4_window7_224", {}), swin);
  EXPECT_EQ(preprocessingOf("swin_basic_224", {}), swin);
  EXPECT_EQ(
      preprocessingOf("mobilevit_xxs", {"image_size=64x192", "mean=0.5", "std=0.25,0.5,1",
                                        "crop_pct=1.0", "interpolation=bilinear"}),
      (Preprocessing{{64, 192}, {0.5, 0.5, 0.5}, {0.25, 0.5, 1}, 1, Interpolation::Bilinear}));
}

TEST_F(RegistryTest, LayersNameEveryOp) {
  auto module = build("swin_tiny_patch4_window7_224");
  std::set<std::string> layersOfSoftmax;
  module->walk([&](mlir::Operation *op) {
    EXPECT_FALSE(getLayerName(op->getLoc()).empty());
    if (isa<SoftmaxOp>(op)) {
      layersOfSoftmax.insert(getLayerName(op->getLoc()).str());
    }
  });
  EXPECT_EQ(layersOfSoftmax.size(), 12u);
  EXPECT_TRUE(layersOfSoftmax.contains("layers.0.blocks.1.attn"));
}

TEST_F(RegistryTest, MobileViTTakesAllSizesWhoseUnfoldedMapsAreEven) {
  for (const char *size : {"64", "192", "250", "256", "64x256", "320"}) {
    build("mobilevit_xxs", {1, {std::string("image_size=") + size}});
  }
  EXPECT_EQ(errorOf("mobilevit_xxs", {"image_size=224"}),
            "stages.4.1: patches of 2x2 do not tile a map of 7x7 (image_size 224x224); the nearest "
            "sizes that fit are 192x192 and 249x249");
  EXPECT_EQ(errorOf("mobilevit_s", {"image_size=288x64"}),
            "stages.4.1: patches of 2x2 do not tile a map of 9x2 (image_size 288x64); the nearest "
            "sizes that fit are 256x64 and 313x64");
  EXPECT_EQ(errorOf("mobilevit_xs", {"image_size=1"}),
            "stages.2.1: patches of 2x2 do not tile a map of 1x1 (image_size 1x1); the nearest "
            "size that fits is 57x57");
}

TEST_F(RegistryTest, SwinTakesAllSizesWhoseMapsTheWindowsTile) {
  const char *tiny = "swin_tiny_patch4_window7_224";
  for (const std::vector<std::string> &settings : std::vector<std::vector<std::string>>{
           {"image_size=448"},
           {"image_size=224x448"},
           {"image_size=256", "window_size=8"},
           {"image_size=128", "window_size=8"},
           {"image_size=256x512", "window_size=8x16"},
           {"image_size=224", "patch_size=2"},
       }) {
    build(tiny, {1, settings});
  }
  EXPECT_EQ(errorOf(tiny, {"image_size=256"}),
            "layers.0.blocks.0.attn: windows of 7x7 do not tile a map of 64x64 (image_size "
            "256x256); the nearest sizes that fit are 224x224 and 448x448");
  EXPECT_EQ(errorOf(tiny, {"image_size=222x224"}),
            "patch_embed.proj: patches of 4x4 do not tile a map of 222x224 (image_size 222x224); "
            "the nearest size that fits is 224x224");
  EXPECT_THAT(errorOf("swin_basic_224", {"image_size=28"}),
              StartsWith("stages.0.patch_merging: patches of 2x2 do not tile a map of 7x7"));
}

TEST_F(RegistryTest, SwinWindowsShrinkToTheMapInEachDimension) {
  // At 128x256 the maps are 32x64, 16x32, 8x16 and 4x8: the last has windows of 4x8, the third is
  // shifted in width only.
  auto module = build("swin_tiny_patch4_window7_224", {1, {"image_size=128x256", "window_size=8"}});
  auto parameters = parametersOf(*module);
  EXPECT_EQ(parameters["layers.2.blocks.0.attn.relative_position_bias_table"], "225x12");
  EXPECT_EQ(parameters["layers.3.blocks.1.attn.relative_position_bias_table"], "105x24");
  std::set<std::string> shifts;
  module->walk([&](ShiftMaskOp op) {
    shifts.insert(getLayerName(op.getLoc()).str() + " " + formatShape(op.getShift()));
  });
  EXPECT_THAT(shifts,
              testing::ElementsAre("layers.0.blocks.1.attn 4x4", "layers.1.blocks.1.attn 4x4",
                                   "layers.2.blocks.1.attn 0x4", "layers.2.blocks.3.attn 0x4",
                                   "layers.2.blocks.5.attn 0x4"));
}

TEST_F(RegistryTest, SwinTakesOtherWidthsAndDepths) {
  auto module = build(
      "swin_tiny_patch4_window7_224",
      {1, {"embed_dim=32", "depths=1,3,2", "num_heads=1,2,4", "mlp_ratio=2.5", "image_size=112"}});
  auto parameters = parametersOf(*module);
  EXPECT_EQ(parameters["head.fc.weight"], "1000x128");
  EXPECT_EQ(parameters["layers.1.blocks.2.mlp.fc1.weight"], "160x64");
  EXPECT_EQ(parameters.count("layers.3.blocks.0.norm1.weight"), 0u);
}

TEST_F(RegistryTest, AnUnknownModelSuggestsTheNearest) {
  EXPECT_EQ(errorOf("mobilevit_xxz", {}),
            "unknown model 'mobilevit_xxz'; did you mean 'mobilevit_xxs'? --list-models lists all");
  EXPECT_THAT(errorOf("swin_tiny", {}), HasSubstr("'swin_tiny_patch4_window7_224'"));
  EXPECT_THAT(errorOf("Swin_Base_patch4_window7", {}),
              HasSubstr("did you mean 'swin_base_patch4_window7_224'"));
  EXPECT_THAT(errorOf("", {}), StartsWith("unknown model ''"));
}

TEST_F(RegistryTest, AnUnknownSettingSuggestsTheNearest) {
  EXPECT_THAT(
      errorOf("mobilevit_s", {"imagesize=256"}),
      StartsWith("--set imagesize=256: mobilevit_s has no setting 'imagesize'; did you mean "
                 "'image_size'? It has image_size, num_classes, "));
  EXPECT_EQ(errorOf("mobilevit_s", {"image_size"}), "--set image_size: write key=value");
  EXPECT_EQ(errorOf("mobilevit_s", {"=3"}), "--set =3: write key=value");
}

TEST_F(RegistryTest, ValuesOutsideTheirFormAreErrors) {
  const char *tiny = "swin_tiny_patch4_window7_224";
  for (const char *setting : {"image_size=",
                              "image_size=0",
                              "image_size=-224",
                              "image_size=224x",
                              "image_size=x224",
                              "image_size=224x224x3",
                              "image_size=99999",
                              "image_size=99999999999999999999",
                              "image_size=22.4",
                              "num_classes=0",
                              "num_classes=ten",
                              "window_size=0",
                              "patch_size=four",
                              "embed_dim=0",
                              "embed_dim=+96",
                              "depths=",
                              "depths=2,,6",
                              "depths=2,0,6,2",
                              "depths=1,1,1,1,1,1,1,1,1",
                              "num_heads=3,6,12,x",
                              "mlp_ratio=0",
                              "mlp_ratio=nan",
                              "mlp_ratio=inf",
                              "mlp_ratio=-4",
                              "mlp_ratio=1e400",
                              "crop_pct=0",
                              "crop_pct=1.1",
                              "mean=a",
                              "mean=1,2",
                              "mean=1,2,3,4",
                              "std=0",
                              "std=1,1,0",
                              "interpolation=nearest"}) {
    std::string key(setting, llvm::StringRef(setting).find('='));
    EXPECT_THAT(errorOf(tiny, {setting}),
                StartsWith("--set " + std::string(setting) + ": " + key + " must be "));
  }
}

TEST_F(RegistryTest, ValuesThatDoNotFitTogetherAreErrors) {
  const char *tiny = "swin_tiny_patch4_window7_224";
  EXPECT_EQ(errorOf(tiny, {"depths=2,2"}), "depths has 2 stages, num_heads 4: set both alike");
  EXPECT_EQ(errorOf(tiny, {"num_heads=5,6,12,24"}),
            "layers.0.blocks.0.attn: 5 heads do not divide 96 channels");
  EXPECT_EQ(errorOf("mobilevit_xxs", {"num_heads=3"}),
            "stages.2.1.transformer.0.attn: 3 heads do not divide 64 channels");
  EXPECT_THAT(errorOf(tiny, {"mlp_ratio=0.001"}),
              StartsWith("layers.0.blocks.0.mlp.fc1: weight has the shape 0x96: every dimension "
                         "must be positive"));
  EXPECT_THAT(errorOf(tiny, {"image_size=7168", "window_size=1792"}),
              HasSubstr("more than 2147483647 elements are not supported"));
  EXPECT_EQ(errorOf(tiny, {}, 0), "batch 0 is not from 1 to 4096");
  EXPECT_EQ(errorOf(tiny, {}, -1), "batch -1 is not from 1 to 4096");
  EXPECT_EQ(errorOf(tiny, {}, 4097), "batch 4097 is not from 1 to 4096");
}
