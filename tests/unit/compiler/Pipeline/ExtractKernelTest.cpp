//===- ExtractKernelTest.cpp - One kernel as a module of its own ----------===//

#include "compiler/Pipeline/ExtractKernel.h"

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/LaunchNames.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "tests/fuzz/ModuleRunner.h"

#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <filesystem>

using namespace mlir;
using namespace oriel;

namespace {

struct ModelCase {
  std::string name;
  /// Of the zoo, or, without settings, the graph itself.
  std::string model;
  std::vector<std::string> settings;
  int64_t batch;
  bool takesPixels;
  /// Of the kernels, each once.
  std::vector<std::string> families;
};

// GoogleTest finds it by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const ModelCase &model, std::ostream *out) { *out << model.name; }

class ExtractKernelTest : public testing::TestWithParam<ModelCase> {
protected:
  ExtractKernelTest() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {}

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("ExtractKernelTest." + GetParam().name);
    std::filesystem::create_directories(folder);
    whole = makeGraph();
    ASSERT_TRUE(whole);
    auto opened = openWeights("random:5", collectParameters(*whole));
    ASSERT_TRUE(static_cast<bool>(opened)) << toString(opened.takeError());
    weights = std::move(opened->source);
    compile(*whole, Phase::Exec, GetParam().takesPixels);
  }
  OwningOpRef<ModuleOp> makeGraph() {
    const ModelCase &model = GetParam();
    if (model.settings.empty()) {
      return parseSourceString<ModuleOp>(model.model, &context);
    }
    auto built = buildModel(context, model.model, {model.batch, model.settings});
    if (!built) {
      ADD_FAILURE() << toString(built.takeError());
      return {};
    }
    return std::move(*built);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// The file written.
  std::string compile(ModuleOp module, Phase phase, bool takesPixels = false) {
    CompileOptions options;
    options.targets = {*KernelTarget::get("x86-64-v3")};
    options.jobs = 2;
    options.cacheFolder = folder / "cache";
    options.takesPixels = takesPixels;
    options.compileTo = phase;
    options.output = folder / "output";
    llvm::Error failure = Compiler(options, {}).run(module, weights.get());
    EXPECT_FALSE(static_cast<bool>(failure)) << toString(std::move(failure));
    return options.output;
  }

  /// What --extract-kernel writes, read again.
  OwningOpRef<ModuleOp> extract(StringRef name) {
    auto kernel = extractKernel(*whole, name);
    if (!kernel) {
      ADD_FAILURE() << toString(kernel.takeError());
      return {};
    }
    return parseSourceString<ModuleOp>(printModule(**kernel), &context);
  }

  std::vector<exec::LaunchOp> launchesOf(ModuleOp module) {
    auto launches = (*module.getOps<exec::ProgramOp>().begin()).getOps<exec::LaunchOp>();
    return {launches.begin(), launches.end()};
  }

  MLIRContext context;
  std::filesystem::path folder;
  /// Of phase exec.
  OwningOpRef<ModuleOp> whole;
  std::unique_ptr<ParameterSource> weights;
};

std::vector<Tensor> makeInputs(func::FuncOp main) {
  std::vector<Tensor> inputs;
  for (auto [index, type] : llvm::enumerate(main.getArgumentTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    inputs.push_back(tensor.getElementType().isInteger(8)
                         ? makeRandomPixels(tensor.getShape(), 11 + index)
                         : makeRandomTensor(tensor.getShape(), 11 + index));
  }
  return inputs;
}

TEST_P(ExtractKernelTest, EachKernelCompiledAloneGivesWhatTheInterpreterGives) {
  std::set<std::string> families;
  for (auto kernel : whole->getOps<exec::KernelOp>()) {
    SCOPED_TRACE(kernel.getSymName().str());
    families.insert(kernel.getFamily().str());
    OwningOpRef<ModuleOp> alone = extract(kernel.getSymName());
    ASSERT_TRUE(alone);
    auto main = alone->lookupSymbol<func::FuncOp>("main");
    std::vector<Tensor> inputs = makeInputs(main);
    auto expected = interpretWithBounds(main, inputs, *weights);
    ASSERT_TRUE(succeeded(expected));
    std::vector<std::vector<int64_t>> shapes;
    for (const BoundedTensor &result : *expected) {
      shapes.push_back(result.value.shape);
    }
    auto loaded = fuzz::LoadedModule::load(compile(*alone, Phase::Module));
    ASSERT_TRUE(static_cast<bool>(loaded)) << toString(loaded.takeError());
    auto runs = loaded->run(inputs, shapes, static_cast<int32_t>(GetParam().batch), 2, 0);
    ASSERT_TRUE(static_cast<bool>(runs)) << toString(runs.takeError());
    for (const std::vector<Tensor> &results : *runs) {
      for (auto [result, wanted] : llvm::zip_equal(results, *expected)) {
        EXPECT_EQ(describeMismatch(result, wanted), "");
      }
    }
  }
  EXPECT_THAT(families, testing::ElementsAreArray(GetParam().families));
}

std::vector<std::string> parametersOf(exec::LaunchOp launch) {
  std::vector<std::string> names;
  for (Value buffer : launch.getInputs()) {
    if (auto parameter = buffer.getDefiningOp<exec::ParameterOp>()) {
      names.push_back(parameter.getName().str());
    }
  }
  return names;
}

TEST_P(ExtractKernelTest, ALayersLaunchKeepsItsLayersParametersAndKernel) {
  std::vector<exec::LaunchOp> launches = launchesOf(*whole);
  std::set<std::string> seen;
  for (exec::LaunchOp launch : launches) {
    std::string layer = getLayerName(launch.getLoc()).str();
    if (!seen.insert(layer).second) {
      continue; // Its first launch is the layer's.
    }
    SCOPED_TRACE(layer);
    OwningOpRef<ModuleOp> alone = extract(layer);
    ASSERT_TRUE(alone);
    compile(*alone, Phase::Exec);
    std::vector<exec::LaunchOp> kept = launchesOf(*alone);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(getLayerName(kept[0].getLoc()), layer);
    EXPECT_EQ(kept[0].getLayers(), launch.getLayers());
    EXPECT_EQ(kept[0].getStoredLayers(), launch.getStoredLayers());
    EXPECT_EQ(parametersOf(kept[0]), parametersOf(launch));
    EXPECT_EQ(kept[0].getFlops(), launch.getFlops());
    EXPECT_EQ(kept[0].getBytes(), launch.getBytes());
    EXPECT_EQ(kept[0].getParameterBytes(), launch.getParameterBytes());
  }
  if (!GetParam().settings.empty()) { // Layers of a model share kernels.
    EXPECT_GT(seen.size(), llvm::range_size(whole->getOps<exec::KernelOp>()));
  }
}

TEST_P(ExtractKernelTest, WhatPrepareComputesForOthersIsLeftOut) {
  for (auto kernel : whole->getOps<exec::KernelOp>()) {
    SCOPED_TRACE(kernel.getSymName().str());
    OwningOpRef<ModuleOp> alone = extract(kernel.getSymName());
    ASSERT_TRUE(alone);
    std::set<std::string> stored, read;
    alone->walk([&](StorePreparedOp store) { stored.insert(store.getName().str()); });
    alone->walk([&](PreparedOp prepared) { read.insert(prepared.getName().str()); });
    EXPECT_EQ(stored, read);
    alone->walk([](ParamOp parameter) { EXPECT_FALSE(parameter->use_empty()); });
  }
}

TEST_P(ExtractKernelTest, AnUnknownNameIsOneLineWithCloseOnes) {
  std::string close = (*whole->getOps<exec::KernelOp>().begin()).getSymName().str();
  auto kernel = extractKernel(*whole, close + "x");
  ASSERT_FALSE(static_cast<bool>(kernel));
  std::string text = toString(kernel.takeError());
  EXPECT_THAT(text, testing::HasSubstr("no kernel and no layer is called '" + close + "x'"));
  EXPECT_THAT(text, testing::HasSubstr("'" + close + "'"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
}

const std::vector<std::string> smallMobileViT = {"image_size=64", "num_classes=10"};
const std::vector<std::string> smallSwin = {"image_size=64", "window_size=4", "embed_dim=24",
                                            "depths=2,2",    "num_heads=1,2", "num_classes=10"};
const std::vector<std::string> ofMobileViT = {"attention", "conv",          "depthwise",
                                              "gemm",      "row-reduction", "winograd"};
const std::vector<std::string> ofSwin = {"attention", "conv", "gemm", "row-reduction"};

/// Families that the models have at other sizes only. Two inputs and two results; the first is read
/// by two kernels, and twice by one.
constexpr const char *otherFamilies = R"(
func.func @main(%x: tensor<1x64x64x32xf32> loc("x"), %y: tensor<1x64x64x32xf32> loc("y"))
    -> (tensor<1x64x64x32xf32>, tensor<1x64x64x64xf32>, tensor<1x64x64x32xf32>) {
  %w = oriel.param "fc1.weight" : tensor<128x32xf32>
  %v = oriel.param "fc2.weight" : tensor<32x128xf32>
  %l = oriel.linear %x, %w : (tensor<1x64x64x32xf32>, tensor<128x32xf32>) -> tensor<1x64x64x128xf32> loc("fc1")
  %g = oriel.gelu %l : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32> loc("act")
  %m = oriel.linear %g, %v : (tensor<1x64x64x128xf32>, tensor<32x128xf32>) -> tensor<1x64x64x32xf32> loc("fc2")
  %s = oriel.add %x, %m : (tensor<1x64x64x32xf32>, tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> loc("sum")
  %p = oriel.matmul %s, %y {transpose_rhs} : (tensor<1x64x64x32xf32>, tensor<1x64x64x32xf32>) -> tensor<1x64x64x64xf32> loc("scores")
  %d = oriel.add %x, %x : (tensor<1x64x64x32xf32>, tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> loc("double")
  return %s, %p, %d : tensor<1x64x64x32xf32>, tensor<1x64x64x64xf32>, tensor<1x64x64x32xf32>
})";

INSTANTIATE_TEST_SUITE_P(
    Models, ExtractKernelTest,
    testing::Values(
        ModelCase{"MobileViT", "mobilevit_xxs", smallMobileViT, 1, false, ofMobileViT},
        ModelCase{"MobileViTOfBytes", "mobilevit_xxs", smallMobileViT, 2, true, ofMobileViT},
        ModelCase{"Swin", "swin_tiny_patch4_window7_224", smallSwin, 2, false, ofSwin},
        ModelCase{"BasicSwinOfBytes", "swin_basic_224", smallSwin, 1, true, ofSwin},
        ModelCase{"OtherFamilies", otherFamilies, {}, 1, false, {"elementwise", "matmul", "mlp"}}),
    [](const auto &info) { return info.param.name; });

} // namespace
