//===- DevicesTest.cpp - A compiled model on a device ---------------------===//
//
// One module with code for the processor and for OpenCL, in a program whose OpenCL counts what is
// asked of it and fails when told.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "models/Registry.h"
#include "oriel/runtime.h"
#include "tests/e2e/FaultyOpenCl.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <filesystem>
#include <thread>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr, testing::Not;

namespace {

constexpr size_t classes = 10;

// Codes of CL/cl.h and cl_ext.h.
constexpr int allocationFailure = -4, outOfResources = -5, buildFailure = -11,
              platformNotFound = -1001;

/// Releases a context at the end of its scope.
struct ReleaseContext {
  void operator()(oriel_context *context) const { oriel_context_release(context); }
};
using ContextHandle = std::unique_ptr<oriel_context, ReleaseContext>;

class DevicesTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    path = std::filesystem::temp_directory_path() / "DevicesTest.so";
    compile(path, ElementType::F32);
    // One for most tests: a driver compiles the kernels for each module.
    module = load(path);
  }
  static void compile(const std::string &output, ElementType precision) {
    DialectRegistry registry;
    registerDialects(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    auto model = buildModel(context, "mobilevit_xxs", {1, {"image_size=64", "num_classes=10"}});
    ASSERT_TRUE(static_cast<bool>(model)) << toString(model.takeError());
    auto opened = openWeights("random:5", collectParameters(**model));
    ASSERT_TRUE(static_cast<bool>(opened)) << toString(opened.takeError());
    CompileOptions options;
    options.targets = {*KernelTarget::get("opencl"), *KernelTarget::get("x86-64-v3")};
    options.jobs = 2;
    options.precision = precision;
    options.output = output;
    llvm::Error failure = Compiler(options, {}).run(**model, opened->source.get());
    ASSERT_FALSE(static_cast<bool>(failure)) << toString(std::move(failure));
  }
  static void TearDownTestSuite() {
    oriel_module_release(module);
    std::filesystem::remove(path);
  }

  void SetUp() override {
    ASSERT_NE(module, nullptr);
    input = makeRandomTensor({4, 3, 64, 64}, 11).values;
    oriel_error failure;
    oriel_context *probe = nullptr;
    if (create("opencl", 1, probe, failure) == ORIEL_NO_DEVICE) {
      GTEST_SKIP() << "no OpenCL device: " << failure.message;
    }
    oriel_context_release(probe);
    takeOpenClCalls();
  }
  void TearDown() override { failOpenCl(""); }

  static oriel_module *load(const std::string &from = path) {
    oriel_module *loaded = nullptr;
    oriel_error error;
    EXPECT_EQ(oriel_module_load(from.c_str(), nullptr, &loaded, &error), ORIEL_OK) << error.message;
    return loaded;
  }
  oriel_status create(const char *device, int batch, oriel_context *&context, oriel_error &error,
                      oriel_module *of = nullptr) {
    oriel_context_options options = {};
    options.struct_size = sizeof(options);
    options.batch = batch;
    options.threads = 1;
    options.device = device;
    return oriel_context_create(of ? of : module, &options, &context, &error);
  }
  ContextHandle create(const char *device, int batch = 1, oriel_module *of = nullptr) {
    oriel_context *context = nullptr;
    oriel_error error;
    EXPECT_EQ(create(device, batch, context, error, of), ORIEL_OK) << error.message;
    return ContextHandle(context);
  }
  oriel_status run(oriel_context *context, std::vector<float> &output, oriel_error &error) {
    output.assign(static_cast<size_t>(oriel_context_batch(context)) * classes, NAN);
    const void *inputs[] = {input.data()};
    void *outputs[] = {output.data()};
    return oriel_context_run(context, inputs, outputs, &error);
  }
  std::vector<float> run(const ContextHandle &context) {
    std::vector<float> output;
    oriel_error error;
    EXPECT_EQ(run(context.get(), output, error), ORIEL_OK) << error.message;
    return output;
  }
  /// Whether the results are those of the processor, within what compiled models are held to.
  void expectResult(const std::vector<float> &result, int batch) {
    EXPECT_THAT(result, testing::Pointwise(testing::FloatNear(1e-4f), run(create("cpu", batch))));
  }
  /// Expects one line with `text`, and the processor and OpenCL to go on as if nothing had
  /// happened.
  void expectOneLineAndNoHarm(const oriel_error &error, const char *text) {
    EXPECT_THAT(error.message, HasSubstr(text));
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
    run(create("cpu"));
    failOpenCl("");
    expectResult(run(create("opencl")), 1);
  }

  static std::string path;
  static oriel_module *module;
  std::vector<float> input;
};
std::string DevicesTest::path;
oriel_module *DevicesTest::module = nullptr;

TEST_F(DevicesTest, FindTheLayerThatOverflowsAsTheProcessorDoes) {
  // Finite, but not its products with the first layer's weights.
  std::fill(input.begin() + 3 * 64 * 64, input.begin() + 2 * 3 * 64 * 64, 3e38f);
  for (const char *device : {"cpu", "opencl"}) {
    oriel_context_options options = {};
    options.struct_size = sizeof(options);
    options.batch = 3;
    options.threads = 1;
    options.device = device;
    options.check_numerics = 1;
    oriel_context *made = nullptr;
    oriel_error error;
    ASSERT_EQ(oriel_context_create(module, &options, &made, &error), ORIEL_OK) << error.message;
    ContextHandle context(made);
    std::vector<float> output;
    EXPECT_EQ(run(made, output, error), ORIEL_NOT_FINITE);
    EXPECT_THAT(error.message, HasSubstr("item 1: layer 'stem.conv'"));
    EXPECT_EQ(oriel_context_nonfinite(made, 0), nullptr);
    EXPECT_EQ(oriel_context_nonfinite(made, 2), nullptr);
    EXPECT_EQ(oriel_context_nonfinite(made, 1)->launch, 0);
  }
}

TEST_F(DevicesTest, GiveWhatTheProcessorGivesAtEveryBatch) {
  for (int batch : {1, 3}) {
    ContextHandle context = create("opencl", batch);
    EXPECT_STREQ(oriel_context_variant(context.get())->device, "opencl");
    EXPECT_EQ(oriel_context_threads(context.get()), 1);
    expectResult(run(context), batch);
    // The second run finds the arena as the first left it.
    expectResult(run(context), batch);
  }
}

TEST_F(DevicesTest, TheProcessorRunsWhereNoDeviceIsNamed) {
  EXPECT_STREQ(oriel_context_variant(create(nullptr).get())->device, "cpu");
  EXPECT_EQ(takeOpenClCalls().launches, 0);
}

TEST_F(DevicesTest, ARunCopiesInputInAndOutputOutAndWaitsOnce) {
  ContextHandle context = create("opencl");
  takeOpenClCalls();
  run(context);
  OpenClCalls calls = takeOpenClCalls();
  EXPECT_EQ(calls.writes, 1);
  EXPECT_EQ(calls.reads, 1);
  EXPECT_EQ(calls.waits, 1);
  EXPECT_GE(calls.launches, oriel_context_variant(context.get())->launch_count);
  EXPECT_EQ(calls.parameters, 0);
  EXPECT_EQ(calls.programs, 0);
}

TEST_F(DevicesTest, ALaunchAloneCopiesNothingAndIsWaitedForOnce) {
  ContextHandle context = create("opencl");
  takeOpenClCalls();
  run(context);
  int whole = takeOpenClCalls().launches, alone = 0;
  std::vector<float> output(classes);
  const void *inputs[] = {input.data()};
  void *outputs[] = {output.data()};
  oriel_error error;
  for (int32_t launch = 0; launch < oriel_context_variant(context.get())->launch_count; ++launch) {
    ASSERT_EQ(oriel_context_run_launch(context.get(), launch, 3, inputs, outputs, &error), ORIEL_OK)
        << error.message;
    OpenClCalls calls = takeOpenClCalls();
    EXPECT_EQ(calls.writes + calls.reads, 0);
    EXPECT_EQ(calls.waits, 1);
    alone += calls.launches;
  }
  EXPECT_EQ(alone, 3 * whole);
  failOpenCl("clEnqueueNDRangeKernel", 1, outOfResources);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(oriel_context_run_launch(context.get(), 0, 1, inputs, outputs, &error),
              ORIEL_DEVICE_FAILED);
    failOpenCl("");
  }
  EXPECT_THAT(error.message, HasSubstr("release the context"));
}

TEST_F(DevicesTest, ContextsOfAModuleShareItsParametersAndPrograms) {
  // SetUp has made a context.
  ContextHandle context = create("opencl"), second = create("opencl", 2);
  OpenClCalls calls = takeOpenClCalls();
  EXPECT_EQ(calls.parameters, 0);
  EXPECT_EQ(calls.programs, 0);
  EXPECT_LT(oriel_context_workspace_bytes(context.get()),
            oriel_context_workspace_bytes(second.get()));
}

TEST_F(DevicesTest, TwoModulesAndFourThreadsRunAtOnce) {
  oriel_module *other = load();
  std::vector<float> results[4];
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (size_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] {
      ContextHandle context = create("opencl", 1, index % 2 == 0 ? module : other);
      for (int i = 0; i < 3; ++i) {
        results[index] = run(context);
      }
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  oriel_module_release(other);
  for (const std::vector<float> &result : results) {
    expectResult(result, 1);
  }
}

TEST_F(DevicesTest, ADeviceLostInARunEndsItsContextOnly) {
  for (const char *function : {"clEnqueueNDRangeKernel", "clFinish"}) {
    ContextHandle context = create("opencl"), bystander = create("opencl");
    std::vector<float> output;
    oriel_error error;
    bool isLaunch = std::string(function) != "clFinish";
    failOpenCl(function, isLaunch ? 30 : 1, outOfResources);
    EXPECT_EQ(run(context.get(), output, error), ORIEL_DEVICE_FAILED);
    EXPECT_THAT(error.message, HasSubstr("release the context"));
    expectOneLineAndNoHarm(error, "CL_OUT_OF_RESOURCES");
    EXPECT_EQ(run(context.get(), output, error), ORIEL_DEVICE_FAILED);
    EXPECT_THAT(error.message, HasSubstr("an earlier run"));
    expectResult(run(bystander), 1);
  }
}

TEST_F(DevicesTest, TooLittleMemoryIsAnErrorOfTheContext) {
  oriel_context *context = nullptr;
  oriel_error error;
  failOpenCl("clCreateBuffer", 2, allocationFailure);
  EXPECT_EQ(create("opencl", 1, context, error), ORIEL_OUT_OF_RESOURCES);
  expectOneLineAndNoHarm(error, "smaller batch");
  EXPECT_EQ(create("opencl", 1 << 20, context, error), ORIEL_OUT_OF_RESOURCES);
  expectOneLineAndNoHarm(error, "use a smaller batch");
}

TEST_F(DevicesTest, ADriverThatCompilesNothingIsAnError) {
  oriel_module *fresh = load();
  oriel_context *context = nullptr;
  oriel_error error;
  failOpenCl("clBuildProgram", 1, buildFailure);
  EXPECT_EQ(create("opencl", 1, context, error, fresh), ORIEL_DEVICE_FAILED);
  expectOneLineAndNoHarm(error, "does not compile");
  oriel_module_release(fresh);
}

TEST_F(DevicesTest, NoDeviceIsAnErrorOfTheContextThatAskedForIt) {
  oriel_module *fresh = load();
  oriel_context *context = nullptr;
  oriel_error error;
  failOpenCl("clGetPlatformIDs", 1, platformNotFound);
  EXPECT_EQ(create("opencl", 1, context, error, fresh), ORIEL_NO_DEVICE);
  expectOneLineAndNoHarm(error, "run on the device cpu");
  oriel_module_release(fresh);
}

TEST_F(DevicesTest, AModuleInF16IsRefusedByADeviceWithoutIt) {
  std::string half = path + ".f16";
  compile(half, ElementType::F16);
  oriel_module *inHalf = load(half);
  std::filesystem::remove(half);
  hideOpenClExtension("cl_khr_fp16");
  oriel_context *context = nullptr;
  oriel_error error;
  EXPECT_EQ(create("opencl", 1, context, error, inHalf), ORIEL_DEVICE_FAILED);
  // Before a kernel is compiled.
  EXPECT_EQ(takeOpenClCalls().programs, 0);
  expectOneLineAndNoHarm(error, "has no cl_khr_fp16, which a module in f16 needs: compile it with "
                                "--precision f32, or run it on another device");
  hideOpenClExtension("");
  // The device as it is: PoCL 3.1 has no such extension.
  if (create("opencl", 1, context, error, inHalf) == ORIEL_OK) {
    ContextHandle onDevice(context);
    std::vector<float> half = run(onDevice), full = run(create("cpu"));
    double product = 0, halfSquares = 0, fullSquares = 0;
    for (size_t i = 0; i < classes; ++i) {
      product += double(half[i]) * full[i];
      halfSquares += double(half[i]) * half[i];
      fullSquares += double(full[i]) * full[i];
    }
    EXPECT_GE(product / std::sqrt(halfSquares * fullSquares), 0.999);
  } else {
    printf("[  NOTE    ] f16 does not run here: %s\n", error.message);
    EXPECT_THAT(error.message, HasSubstr("has no cl_khr_fp16"));
  }
  oriel_module_release(inHalf);
}

TEST_F(DevicesTest, ADeviceWithoutAVariantIsAnError) {
  oriel_context *context = nullptr;
  oriel_error error;
  EXPECT_EQ(create("abacus", 1, context, error), ORIEL_INVALID_ARGUMENT);
  expectOneLineAndNoHarm(error, "no variant for the device abacus");
}

} // namespace
