//===- CompiledModelsTest.cpp - Compiled models against the interpreter ---===//
//
// Models, sizes and settings that no reference file covers, with random weights: the module must
// give what the interpreter gives for the graph, for each image of a batch, on one thread and two.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Reference/Interpreter.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Preprocessing.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "oriel/runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <thread>

using namespace mlir;
using namespace oriel;

namespace {

struct ModelCase {
  std::string name;
  std::string model;
  std::vector<std::string> settings;
  int64_t batch;
};

// GoogleTest finds it by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const ModelCase &model, std::ostream *out) { *out << model.name; }

/// What compiled models are held to against PyTorch, whose weights give logits of the same order.
double toleranceOf(const ModelCase &model) {
  return StringRef(model.model).starts_with("swin") ? 2e-5 : 1e-4;
}

class CompiledModelTest : public testing::TestWithParam<ModelCase> {
protected:
  CompiledModelTest() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {}

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  void SetUp() override {
    auto built = buildModel(context, GetParam().model, {GetParam().batch, GetParam().settings});
    ASSERT_TRUE(static_cast<bool>(built)) << toString(built.takeError());
    module = std::move(*built);
    auto opened = openWeights("random:5", collectParameters(*module));
    ASSERT_TRUE(static_cast<bool>(opened)) << toString(opened.takeError());
    weights = std::move(opened->source);
    auto main = module->lookupSymbol<func::FuncOp>("main");
    auto shape = cast<RankedTensorType>(main.getArgumentTypes()[0]).getShape();
    input = makeRandomTensor({shape.begin(), shape.end()}, 11);
    auto results = interpret(main, {input}, *weights);
    ASSERT_TRUE(succeeded(results));
    expected = results->front();
  }

  /// Compiles a copy of the graph and loads the module; the file is gone afterwards.
  oriel_module *compile(const KernelTarget &target) { return compile(target, module->clone()); }

  oriel_module *compile(const KernelTarget &target, ModuleOp graph) {
    std::string path = write({target}, graph);
    oriel_module *loaded = load(path);
    std::filesystem::remove(path);
    return loaded;
  }

  /// Compiles the graph, which is used up, to a file.
  std::string write(std::vector<KernelTarget> targets, ModuleOp graph, bool takesPixels = false) {
    OwningOpRef<ModuleOp> copy(graph);
    std::string name = std::string("CompiledModelsTest.") + GetParam().name + ".so";
    CompileOptions options;
    options.targets = std::move(targets);
    options.jobs = 2;
    options.takesPixels = takesPixels;
    options.output = std::filesystem::temp_directory_path() / name;
    llvm::Error failure = Compiler(options, {}).run(*copy, weights.get());
    EXPECT_FALSE(static_cast<bool>(failure)) << toString(std::move(failure));
    return options.output;
  }

  /// Loads a module for all of its variants or for one.
  static oriel_module *load(const std::string &path, const char *variant = nullptr) {
    oriel_load_options options = {};
    options.struct_size = sizeof options;
    options.verify_parameters = 1;
    options.target = variant;
    oriel_module *loaded = nullptr;
    oriel_error error;
    EXPECT_EQ(oriel_module_load(path.c_str(), &options, &loaded, &error), ORIEL_OK)
        << error.message;
    return loaded;
  }

  std::vector<float> run(oriel_module *loaded, int32_t threads) {
    return run(loaded, threads, input.values.data());
  }

  std::vector<float> run(oriel_module *loaded, int32_t threads, const void *data,
                         int32_t slice = 0) {
    oriel_pool_options poolOptions = {};
    poolOptions.struct_size = sizeof(poolOptions);
    poolOptions.threads = threads;
    oriel_pool *pool = nullptr;
    oriel_context *runner = nullptr;
    oriel_error error;
    EXPECT_EQ(oriel_pool_create(&poolOptions, &pool, &error), ORIEL_OK) << error.message;
    oriel_context_options options = {};
    options.struct_size = sizeof(options);
    options.batch = static_cast<int32_t>(GetParam().batch);
    options.threads = threads;
    options.pool = pool;
    options.slice = slice;
    EXPECT_EQ(oriel_context_create(loaded, &options, &runner, &error), ORIEL_OK) << error.message;
    std::vector<float> output(expected.values.size(), NAN);
    const void *inputs[] = {data};
    void *outputs[] = {output.data()};
    // The second run finds the arena as the first left it.
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(oriel_context_run(runner, inputs, outputs, &error), ORIEL_OK) << error.message;
    }
    oriel_context_release(runner);
    oriel_pool_release(pool);
    return output;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<ParameterSource> weights;
  Tensor input, expected;
};

/// Every schedule, in instructions that this processor has.
std::map<std::string, KernelTarget> getTargets() {
  std::map<std::string, KernelTarget> targets{{"x86-64-v3", *KernelTarget::get("x86-64-v3")}};
  if ((oriel_cpu_features() & ORIEL_ISA_X86_64_V4) == ORIEL_ISA_X86_64_V4) {
    targets["x86-64-v4"] = *KernelTarget::get("x86-64-v4");
  } else {
    targets["x86-64-v4's schedules in AVX2"] = KernelTarget::avx512SchedulesInAvx2();
  }
  return targets;
}

/// The largest difference; infinite where one of them is not a number.
double largestDifference(ArrayRef<float> values, ArrayRef<float> wanted) {
  double largest = 0;
  for (auto [value, want] : llvm::zip_equal(values, wanted)) {
    double difference = std::abs(static_cast<double>(value) - want);
    largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
  }
  return largest;
}

TEST_P(CompiledModelTest, GivesWhatTheInterpreterGives) {
  for (const auto &[description, target] : getTargets()) {
    SCOPED_TRACE(description);
    oriel_module *loaded = compile(target);
    ASSERT_NE(loaded, nullptr);
    std::vector<float> single = run(loaded, 1);
    EXPECT_LE(largestDifference(single, expected.values), toleranceOf(GetParam()));
    EXPECT_EQ(run(loaded, 2), single) << "two threads give other bits than one";
    oriel_module_release(loaded);
  }
}

TEST_P(CompiledModelTest, EachVariantOfAModuleGivesTheBitsOfAModuleOfItsOwn) {
  std::vector<KernelTarget> targets;
  for (const auto &[description, target] : getTargets()) {
    targets.push_back(target);
  }
  std::string path = write(targets, module->clone());
  std::vector<uint64_t> parameterBytes;
  for (const KernelTarget &target : targets) {
    SCOPED_TRACE(target.name);
    oriel_module *variant = load(path, target.name.c_str());
    ASSERT_NE(variant, nullptr);
    EXPECT_EQ(oriel_module_describe(variant)->variant_count, 2);
    EXPECT_EQ(oriel_module_variant(variant, 0)->target, target.name);
    std::vector<float> result = run(variant, 2);
    EXPECT_LE(largestDifference(result, expected.values), toleranceOf(GetParam()));
    parameterBytes.push_back(oriel_module_describe(variant)->parameter_size);
    oriel_module_release(variant);

    std::filesystem::rename(path, path + ".fat");
    oriel_module *alone = compile(target);
    std::filesystem::rename(path + ".fat", path);
    ASSERT_NE(alone, nullptr);
    EXPECT_EQ(result, run(alone, 2));
    parameterBytes.push_back(oriel_module_describe(alone)->parameter_size);
    oriel_module_release(alone);
  }
  std::filesystem::remove(path);
  EXPECT_THAT(parameterBytes, testing::Each(parameterBytes.front())) << "parameters are shared";
}

TEST_P(CompiledModelTest, ModuleCompiledForOneImageRunsWholeBatches) {
  auto built = buildModel(context, GetParam().model, {1, GetParam().settings});
  ASSERT_TRUE(static_cast<bool>(built)) << toString(built.takeError());
  oriel_module *loaded = compile(*KernelTarget::get("x86-64-v3"), built->release());
  ASSERT_NE(loaded, nullptr);
  EXPECT_LE(largestDifference(run(loaded, 2), expected.values), toleranceOf(GetParam()));
  oriel_module_release(loaded);
}

TEST_P(CompiledModelTest, ContextsThatRunAtOnceGiveTheBitsOfOneAfterTheOther) {
  oriel_module *loaded = compile(*KernelTarget::get("x86-64-v3"));
  ASSERT_NE(loaded, nullptr);
  std::vector<float> alone = run(loaded, 1);
  std::vector<float> results[4];
  std::vector<std::thread> threads;
  for (auto [index, result] : llvm::enumerate(results)) {
    threads.emplace_back([&, index = index, &result = result] {
      result = run(loaded, 1 + static_cast<int32_t>(index) % 2);
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  for (const std::vector<float> &result : results) {
    EXPECT_EQ(result, alone);
  }
  oriel_module_release(loaded);
}

TEST_P(CompiledModelTest, SlicesGiveTheBitsOfTheWholeBatch) {
  auto batch = static_cast<int32_t>(GetParam().batch);
  for (const auto &[description, target] : getTargets()) {
    SCOPED_TRACE(description);
    oriel_module *loaded = compile(target);
    ASSERT_NE(loaded, nullptr);
    std::vector<float> whole = run(loaded, 1, input.values.data(), batch);
    for (int32_t threads : {1, 2}) {
      EXPECT_EQ(run(loaded, threads, input.values.data(), 1), whole);
    }
    oriel_module_release(loaded);
  }
}

TEST_P(CompiledModelTest, LaunchesOneByOneAndTwiceGiveTheBitsOfAWholeRun) {
  oriel_module *loaded = compile(*KernelTarget::get("x86-64-v3"));
  ASSERT_NE(loaded, nullptr);
  std::vector<float> whole = run(loaded, 1), output(whole.size());
  oriel_context_options options = {};
  options.struct_size = sizeof(options);
  options.batch = options.slice = static_cast<int32_t>(GetParam().batch);
  options.threads = 2;
  oriel_context *runner = nullptr;
  oriel_error error;
  ASSERT_EQ(oriel_context_create(loaded, &options, &runner, &error), ORIEL_OK) << error.message;
  std::vector<float> other(input.values.size(), 0.5f);
  const void *inputs[] = {other.data()};
  void *outputs[] = {output.data()};
  ASSERT_EQ(oriel_context_run(runner, inputs, outputs, &error), ORIEL_OK) << error.message;
  EXPECT_NE(output, whole);
  inputs[0] = input.values.data();
  // Twice, as no launch stores where it reads.
  for (int32_t launch = 0; launch < oriel_context_variant(runner)->launch_count; ++launch) {
    ASSERT_EQ(oriel_context_run_launch(runner, launch, 2, inputs, outputs, &error), ORIEL_OK)
        << error.message;
  }
  EXPECT_EQ(output, whole);
  oriel_context_release(runner);
  oriel_module_release(loaded);
}

/// What a caller makes of [B, H, W, 3] for a module that takes [B, 3, H, W].
std::vector<float> normalizePlanes(ArrayRef<uint8_t> pixels, const Preprocessing &preprocessing) {
  auto plane = static_cast<size_t>(preprocessing.size.height * preprocessing.size.width);
  std::vector<float> planes(pixels.size());
  for (size_t i = 0; i < pixels.size(); ++i) {
    size_t c = i % 3, image = i / (3 * plane), position = i / 3 % plane;
    float mean = static_cast<float>(preprocessing.mean[c]);
    float deviation = static_cast<float>(preprocessing.std[c]);
    planes[(image * 3 + c) * plane + position] =
        (static_cast<float>(pixels[i]) / 255.0f - mean) / deviation;
  }
  return planes;
}

TEST_P(CompiledModelTest, TakesBytesAndGivesTheBitsOfTheNormalizedImage) {
  auto preprocessing = readPreprocessing(*module);
  ASSERT_TRUE(preprocessing && *preprocessing);
  Tensor random = makeRandomPixels(input.shape, 17);
  std::vector<uint8_t> pixels(random.values.begin(), random.values.end());
  std::vector<float> planes = normalizePlanes(pixels, **preprocessing);
  for (const auto &[description, target] : getTargets()) {
    SCOPED_TRACE(description);
    oriel_module *ofFloats = compile(target);
    std::string path = write({target}, module->clone(), /*takesPixels=*/true);
    oriel_module *ofBytes = load(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(ofFloats && ofBytes);
    const oriel_module_descriptor &bytes = *oriel_module_describe(ofBytes);
    const oriel_module_descriptor &floats = *oriel_module_describe(ofFloats);
    EXPECT_EQ(bytes.signature->inputs[0].element_type, ORIEL_ELEMENT_U8);
    EXPECT_EQ(ArrayRef(bytes.signature->inputs[0].dims, 4),
              ArrayRef<int64_t>({1, input.shape[2], input.shape[3], 3}));
    // No launch beside the others, no image among the arena's buffers.
    EXPECT_EQ(bytes.variants[0].launch_count, floats.variants[0].launch_count);
    EXPECT_EQ(bytes.variants[0].arena_bytes_per_item, floats.variants[0].arena_bytes_per_item);
    EXPECT_EQ(bytes.variants[0].launches[0].bytes_per_item,
              floats.variants[0].launches[0].bytes_per_item -
                  3 * static_cast<int64_t>(pixels.size()) / input.shape[0]);
    for (int32_t threads : {1, 2}) {
      EXPECT_EQ(run(ofBytes, threads, pixels.data()), run(ofFloats, threads, planes.data()));
    }
    oriel_module_release(ofFloats);
    oriel_module_release(ofBytes);
  }
}

std::string nameOf(const testing::TestParamInfo<ModelCase> &info) { return info.param.name; }

/// Small enough for every run of the tests.
const ModelCase smallCases[] = {
    {"XxsAt192", "mobilevit_xxs", {"image_size=192", "num_classes=10"}, 1},
    {"XxsAt250", "mobilevit_xxs", {"image_size=250"}, 1},
    {"XxsNotSquareBatch3", "mobilevit_xxs", {"image_size=64x128", "num_classes=3"}, 3},
    {"XsAt64", "mobilevit_xs", {"image_size=64"}, 2},
    {"SAt64", "mobilevit_s", {"image_size=64", "num_classes=17"}, 1},
    {"NarrowSwin",
     "swin_tiny_patch4_window7_224",
     {"embed_dim=32", "depths=2,2,2,2", "num_heads=1,2,4,8", "num_classes=21"},
     2},
    {"SwinWindow8At256",
     "swin_tiny_patch4_window7_224",
     {"image_size=256", "window_size=8", "embed_dim=32", "depths=2,2,2,2", "num_heads=1,2,4,8"},
     1},
    {"SwinNotSquare",
     "swin_tiny_patch4_window7_224",
     {"image_size=224x448", "embed_dim=48", "depths=2,2,2,2", "num_heads=3,6,12,24"},
     1},
    {"BasicSwinNarrow",
     "swin_basic_224",
     {"embed_dim=32", "depths=2,2,2,2", "num_heads=1,2,4,8"},
     1},
};
INSTANTIATE_TEST_SUITE_P(Small, CompiledModelTest, testing::ValuesIn(smallCases), nameOf);

/// Whole models of the zoo and large images.
const ModelCase wideCases[] = {
    {"Xs", "mobilevit_xs", {}, 1},
    {"S", "mobilevit_s", {}, 4},
    {"SwinSmall", "swin_small_patch4_window7_224", {}, 1},
    {"SwinBase", "swin_base_patch4_window7_224", {}, 1},
    {"SwinLarge", "swin_large_patch4_window7_224", {}, 1},
    {"SwinTinyAt448", "swin_tiny_patch4_window7_224", {"image_size=448"}, 1},
    {"SwinTinyWindow8At256",
     "swin_tiny_patch4_window7_224",
     {"image_size=256", "window_size=8"},
     4},
    {"BasicSwin", "swin_basic_224", {}, 4},
};
INSTANTIATE_TEST_SUITE_P(Wide, CompiledModelTest, testing::ValuesIn(wideCases), nameOf);

} // namespace
