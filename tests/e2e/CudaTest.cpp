//===- CudaTest.cpp - A compiled model on the stand-in for CUDA's driver --===//
//
// What a run asks of the driver: launches that devices take, at every batch, and nothing besides.
// The stand-in runs no kernel of a model (tests/unit/runtime/src/StandInCuda.h).
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "oriel/runtime.h"
#include "tests/unit/runtime/src/StandInCuda.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <thread>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::Each, testing::HasSubstr, testing::Not;

namespace {

constexpr size_t classes = 10, pixels = 3 * 64 * 64;

struct ReleaseContext {
  void operator()(oriel_context *context) const { oriel_context_release(context); }
};
using ContextHandle = std::unique_ptr<oriel_context, ReleaseContext>;

struct ModelCase {
  const char *name, *model;
  ElementType precision;
};

// GoogleTest finds it by this name.
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const ModelCase &model, std::ostream *out) { *out << model.name; }

class CudaTest : public testing::TestWithParam<ModelCase> {
protected:
  static void SetUpTestSuite() {
    std::filesystem::path cache = folder() / "cache";
    setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }
  static std::filesystem::path folder() {
    return std::filesystem::temp_directory_path() / "CudaTest";
  }

  void SetUp() override {
    driver = findStandInCuda();
    if (driver == nullptr) {
      GTEST_SKIP() << "the stand-in is not the driver: set LD_LIBRARY_PATH to its folder, as ctest "
                      "does";
    }
    driver->reset();
    std::string path = folder() / (std::string(GetParam().name) + ".so");
    if (!std::filesystem::exists(path)) {
      std::filesystem::create_directories(folder());
      compile(path);
    }
    ASSERT_EQ(oriel_module_load(path.c_str(), nullptr, &module, &error), ORIEL_OK) << error.message;
    ASSERT_EQ(oriel_module_load(path.c_str(), nullptr, &other, &error), ORIEL_OK);
  }
  void TearDown() override {
    oriel_module_release(module);
    oriel_module_release(other);
    if (driver != nullptr) {
      EXPECT_EQ(driver->live(), 0);
      EXPECT_STREQ(driver->violations(), "");
    }
  }

  static void compile(const std::string &path) {
    DialectRegistry registry;
    registerDialects(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    std::vector<std::string> settings = {"image_size=64", "num_classes=10"};
    if (StringRef(GetParam().model).starts_with("swin")) {
      settings.insert(settings.end(),
                      {"window_size=4", "embed_dim=24", "depths=2,2", "num_heads=1,2"});
    }
    auto model = buildModel(context, GetParam().model, {1, settings});
    ASSERT_TRUE(static_cast<bool>(model)) << toString(model.takeError());
    auto opened = openWeights("random:5", collectParameters(**model));
    ASSERT_TRUE(static_cast<bool>(opened)) << toString(opened.takeError());
    CompileOptions options;
    options.targets = {*KernelTarget::get("cuda"), *KernelTarget::get("x86-64-v3")};
    options.jobs = 2;
    options.precision = GetParam().precision;
    options.output = path;
    llvm::Error failure = Compiler(options, {}).run(**model, opened->source.get());
    ASSERT_FALSE(static_cast<bool>(failure)) << toString(std::move(failure));
  }

  static oriel_context_options optionsFor(const char *device, int batch) {
    oriel_context_options options = {};
    options.struct_size = sizeof options;
    options.batch = batch;
    options.threads = 1;
    options.device = device;
    return options;
  }
  ContextHandle create(const oriel_context_options &options, oriel_module *of = nullptr) {
    oriel_context *context = nullptr;
    status = oriel_context_create(of != nullptr ? of : module, &options, &context, &error);
    return ContextHandle(context);
  }
  oriel_status run(const ContextHandle &context, oriel_error &failure) {
    auto batch = static_cast<size_t>(oriel_context_batch(context.get()));
    std::vector<float> input(batch * pixels, 0.5f), output(batch * classes);
    const void *inputs[] = {input.data()};
    void *outputs[] = {output.data()};
    return oriel_context_run(context.get(), inputs, outputs, &failure);
  }
  void expectOneLineAndTheProcessorToGoOn(const char *text) {
    EXPECT_THAT(error.message, HasSubstr(text));
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
    ContextHandle context = create(optionsFor("cpu", 1));
    ASSERT_EQ(status, ORIEL_OK) << error.message;
    EXPECT_EQ(run(context, error), ORIEL_OK) << error.message;
  }

  const StandInCuda *driver = nullptr;
  oriel_module *module = nullptr, *other = nullptr;
  oriel_status status = ORIEL_OK;
  oriel_error error = {};
};

TEST_P(CudaTest, ARunIsACopyInAGraphAndACopyOut) {
  ContextHandle context = create(optionsFor("cuda", 2));
  ASSERT_EQ(status, ORIEL_OK) << error.message;
  // The launches are recorded in the first run.
  ASSERT_EQ(run(context, error), ORIEL_OK) << error.message;
  EXPECT_GE(driver->count("cuLaunchKernel"),
            2 * oriel_context_variant(context.get())->launch_count);
  driver->reset();
  for (int runs = 1; runs <= 3; ++runs) {
    ASSERT_EQ(run(context, error), ORIEL_OK) << error.message;
    EXPECT_EQ(driver->count("cuMemcpyHtoDAsync"), runs);
    EXPECT_EQ(driver->count("cuGraphLaunch"), runs);
    EXPECT_EQ(driver->count("cuMemcpyDtoHAsync"), runs);
    EXPECT_EQ(driver->count("cuStreamSynchronize"), runs);
  }
  for (const char *call : {"cuLaunchKernel", "cuMemAlloc", "cuModuleLoadData", "cuLinkCreate",
                           "cuMemcpyDtoDAsync", "cuStreamBeginCapture"}) {
    EXPECT_EQ(driver->count(call), 0) << call;
  }
}

TEST_P(CudaTest, ParametersAndMachineCodeComeOnceForAModule) {
  ContextHandle first = create(optionsFor("cuda", 1));
  ASSERT_EQ(status, ORIEL_OK) << error.message;
  int32_t uploads = driver->count("cuMemcpyHtoDAsync"), loaded = driver->count("cuModuleLoadData");
  EXPECT_EQ(uploads, 1);
  ContextHandle second = create(optionsFor("cuda", 3));
  ASSERT_EQ(status, ORIEL_OK) << error.message;
  EXPECT_EQ(driver->count("cuMemcpyHtoDAsync"), uploads);
  EXPECT_EQ(driver->count("cuModuleLoadData"), loaded);
  EXPECT_EQ(run(second, error), ORIEL_OK);
  // Released before its contexts.
  oriel_module_release(module);
  module = nullptr;
  EXPECT_EQ(run(first, error), ORIEL_OK);
}

TEST_P(CudaTest, LaunchesAreWhatDevicesTakeAtEveryBatch) {
  driver->set("memory", 8 << 10);
  for (int batch : {1, 3, 700}) {
    ContextHandle context = create(optionsFor("cuda", batch));
    ASSERT_EQ(status, ORIEL_OK) << error.message;
    ASSERT_EQ(run(context, error), ORIEL_OK) << error.message;
  }
}

TEST_P(CudaTest, TakesTheDevicesMemoryAndTheCallersStream) {
  // The caller's, on the same device.
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  auto call = [&](const char *name, auto... arguments) {
    auto *function = reinterpret_cast<int32_t (*)(decltype(arguments)...)>(dlsym(library, name));
    ASSERT_EQ(function(arguments...), 0) << name;
  };
  void *primary = nullptr, *stream = nullptr;
  uint64_t input = 0, output = 0;
  call("cuInit", 0U);
  call("cuDevicePrimaryCtxRetain", &primary, 0);
  call("cuCtxPushCurrent_v2", primary);
  call("cuMemAlloc_v2", &input, pixels * sizeof(float));
  call("cuMemAlloc_v2", &output, classes * sizeof(float));
  call("cuStreamCreate", &stream, 0U);
  oriel_context_options options = optionsFor("cuda", 1);
  options.on_device = 1;
  options.stream = stream;
  ContextHandle context = create(options);
  ASSERT_EQ(status, ORIEL_OK) << error.message;
  const void *inputs[] = {reinterpret_cast<const void *>(input)};
  void *outputs[] = {reinterpret_cast<void *>(output)};
  for (int i = 0; i < 2; ++i) {
    driver->reset();
    ASSERT_EQ(oriel_context_run(context.get(), inputs, outputs, &error), ORIEL_OK) << error.message;
    EXPECT_EQ(driver->count("cuMemcpyDtoDAsync"), 2);
    for (const char *name : {"cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuStreamSynchronize"}) {
      EXPECT_EQ(driver->count(name), 0) << name;
    }
  }
  // With the device's memory and no stream the run is waited for.
  options.stream = nullptr;
  context = create(options);
  driver->reset();
  ASSERT_EQ(oriel_context_run(context.get(), inputs, outputs, &error), ORIEL_OK) << error.message;
  EXPECT_EQ(driver->count("cuStreamSynchronize"), 1);
  context.reset();
  call("cuStreamDestroy_v2", stream);
  call("cuMemFree_v2", input);
  call("cuMemFree_v2", output);
  call("cuCtxPopCurrent_v2", &primary);
  call("cuDevicePrimaryCtxRelease_v2", 0);
  // The processor has neither.
  options.device = "cpu";
  create(options);
  EXPECT_EQ(status, ORIEL_INVALID_ARGUMENT);
  EXPECT_THAT(error.message, HasSubstr("leave on_device and stream out"));
}

TEST_P(CudaTest, WithHooksEveryLaunchIsWaitedForAndNoneRecorded) {
  oriel_context_options options = optionsFor("cuda", 1);
  options.profile = 1;
  ContextHandle context = create(options);
  ASSERT_EQ(status, ORIEL_OK) << error.message;
  driver->reset();
  ASSERT_EQ(run(context, error), ORIEL_OK) << error.message;
  EXPECT_EQ(driver->count("cuGraphLaunch"), 0);
  EXPECT_EQ(driver->count("cuStreamSynchronize"), driver->count("cuLaunchKernel") + 1);
}

TEST_P(CudaTest, ErrorsAreOneLineAndTheProcessorGoesOn) {
  driver->set("devices", 0);
  create(optionsFor("cuda", 1));
  EXPECT_EQ(status, ORIEL_NO_DEVICE);
  expectOneLineAndTheProcessorToGoOn("nvidia-smi");
  driver->reset();
  driver->set("capability", 75);
  create(optionsFor("cuda", 1));
  EXPECT_EQ(status, ORIEL_DEVICE_FAILED);
  expectOneLineAndTheProcessorToGoOn("has compute capability 7.5 and the module needs 8.0");
  driver->reset();
  driver->set("memory", 6);
  create(optionsFor("cuda", 64));
  EXPECT_EQ(status, ORIEL_OUT_OF_RESOURCES);
  expectOneLineAndTheProcessorToGoOn("use a smaller batch");
}

TEST_P(CudaTest, ADeviceThatIsLostInARunEndsItsContextOnly) {
  for (const char *call : {"cuMemcpyHtoDAsync", "cuLaunchKernel", "cuStreamEndCapture",
                           "cuGraphLaunch", "cuMemcpyDtoHAsync", "cuStreamSynchronize"}) {
    ContextHandle context = create(optionsFor("cuda", 1)),
                  bystander = create(optionsFor("cuda", 1));
    ASSERT_EQ(status, ORIEL_OK) << error.message;
    driver->fail(call, 719, 0);
    EXPECT_EQ(run(context, error), ORIEL_DEVICE_FAILED) << call;
    expectOneLineAndTheProcessorToGoOn("CUDA_ERROR_LAUNCH_FAILED");
    driver->fail(call, 0, 0);
    EXPECT_EQ(run(context, error), ORIEL_DEVICE_FAILED);
    EXPECT_THAT(error.message, HasSubstr("release the context"));
    EXPECT_EQ(run(bystander, error), ORIEL_OK) << error.message;
  }
}

TEST_P(CudaTest, TwoModulesAndFourThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<oriel_status> results(4, ORIEL_OK);
  threads.reserve(4);
  for (size_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] {
      oriel_context_options options = optionsFor("cuda", int(index) + 1);
      oriel_context *made = nullptr;
      oriel_error failure;
      results[index] =
          oriel_context_create(index % 2 == 0 ? module : other, &options, &made, &failure);
      ContextHandle context(made);
      for (int i = 0; i < 20 && results[index] == ORIEL_OK; ++i) {
        results[index] = run(context, failure);
      }
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  EXPECT_THAT(results, Each(ORIEL_OK));
}

INSTANTIATE_TEST_SUITE_P(
    Models, CudaTest,
    testing::Values(ModelCase{"MobileViT", "mobilevit_xxs", ElementType::F32},
                    ModelCase{"MobileViTInF16", "mobilevit_xxs", ElementType::F16},
                    ModelCase{"Swin", "swin_tiny_patch4_window7_224", ElementType::F32}),
    [](const auto &info) { return std::string(info.param.name); });

} // namespace
