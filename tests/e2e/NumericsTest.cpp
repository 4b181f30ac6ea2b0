//===- NumericsTest.cpp - A NaN in a weight is found by its layer ---------===//

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "oriel/runtime.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <filesystem>

using namespace mlir;
using namespace oriel;

namespace {

/// Another source's values but for the first of one parameter.
class FaultyParameters : public ParameterSource {
public:
  FaultyParameters(const ParameterSource &good, std::string name, float value)
      : good(good), name(std::move(name)), value(value) {}

  std::optional<std::vector<int64_t>> lookup(std::string_view wanted) const override {
    return good.lookup(wanted);
  }
  llvm::Error read(std::string_view wanted, float *values) const override {
    if (llvm::Error error = good.read(wanted, values)) {
      return error;
    }
    if (wanted == name) {
      values[0] = value;
    }
    return llvm::Error::success();
  }

private:
  const ParameterSource &good;
  std::string name;
  float value;
};

struct ModelCase {
  std::string name, model;
  std::vector<std::string> settings;
};

// GoogleTest finds it by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const ModelCase &model, std::ostream *out) { *out << model.name; }

class NumericsTest : public testing::TestWithParam<ModelCase> {
protected:
  NumericsTest() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {}

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("NumericsTest." + GetParam().name);
    std::filesystem::create_directories(folder);
    auto built = buildModel(context, GetParam().model, {batch, GetParam().settings});
    ASSERT_TRUE(static_cast<bool>(built)) << toString(built.takeError());
    graph = std::move(*built);
    parameters = collectParameters(*graph);
    auto opened = openWeights("random:5", parameters);
    ASSERT_TRUE(static_cast<bool>(opened)) << toString(opened.takeError());
    weights = std::move(opened->source);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Runs the model with these weights on finite inputs; what was found for the last item.
  std::optional<oriel_nonfinite> check(const ParameterSource &source, oriel_status expected,
                                       std::vector<std::string> &layers) {
    OwningOpRef<ModuleOp> copy(graph->clone());
    CompileOptions options;
    options.targets = {*KernelTarget::get("x86-64-v3")};
    options.jobs = 2;
    options.cacheFolder = folder / "cache";
    options.output = folder / "module.so";
    llvm::Error failure = Compiler(options, {}).run(*copy, &source);
    EXPECT_FALSE(static_cast<bool>(failure)) << toString(std::move(failure));
    oriel_module *module = nullptr;
    oriel_context *runner = nullptr;
    oriel_error error = {};
    EXPECT_EQ(oriel_module_load(options.output.c_str(), nullptr, &module, &error), ORIEL_OK);
    oriel_context_options contextOptions = {};
    contextOptions.struct_size = sizeof contextOptions;
    contextOptions.check_numerics = 1;
    EXPECT_EQ(oriel_context_create(module, &contextOptions, &runner, &error), ORIEL_OK);
    std::vector<float> input = makeRandomTensor({batch, 3, 64, 64}, 11).values;
    std::vector<float> output(static_cast<size_t>(batch) * 10);
    const void *inputs[] = {input.data()};
    void *outputs[] = {output.data()};
    EXPECT_EQ(oriel_context_run(runner, inputs, outputs, &error), expected) << error.message;
    std::optional<oriel_nonfinite> result;
    if (const oriel_nonfinite *found = oriel_context_nonfinite(runner, batch - 1)) {
      result = *found;
      const oriel_launch_info &launch = oriel_context_variant(runner)->launches[found->launch];
      layers.assign(launch.layers, launch.layers + launch.layer_count);
    }
    oriel_context_release(runner);
    oriel_module_release(module);
    return result;
  }

  static constexpr int32_t batch = 2;
  MLIRContext context;
  std::filesystem::path folder;
  OwningOpRef<ModuleOp> graph;
  std::vector<ParameterShape> parameters;
  std::unique_ptr<ParameterSource> weights;
};

TEST_P(NumericsTest, NamesTheLayerWhoseWeightIsNotFinite) {
  std::vector<std::string> layers;
  EXPECT_FALSE(check(*weights, ORIEL_OK, layers).has_value());
  // Every eleventh parameter, so that all kinds of layers have their turn.
  for (size_t i = 0; i < parameters.size(); i += 11) {
    const std::string &name = parameters[i].name;
    std::string layer = name.substr(0, name.rfind('.'));
    FaultyParameters faulty(*weights, name, NAN);
    auto found = check(faulty, ORIEL_NOT_FINITE, layers);
    ASSERT_TRUE(found.has_value()) << name;
    EXPECT_GE(found->launch, 0) << name;
    EXPECT_THAT(layers, testing::Contains(layer)) << name << ": " << found->message;
    EXPECT_THAT(found->message, testing::HasSubstr("'" + layer + "'"));
    EXPECT_THAT(found->message, testing::HasSubstr("NaN"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, NumericsTest,
    testing::Values(ModelCase{"MobileViT", "mobilevit_xxs", {"image_size=64", "num_classes=10"}},
                    ModelCase{"Swin",
                              "swin_tiny_patch4_window7_224",
                              {"image_size=64", "window_size=4", "embed_dim=24", "depths=2,2",
                               "num_heads=1,2", "num_classes=10"}}),
    [](const auto &info) { return info.param.name; });

} // namespace
