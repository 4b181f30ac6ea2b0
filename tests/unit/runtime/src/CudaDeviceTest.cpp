// What the CUDA device asks of its driver, on the stand-in for one (StandInCuda.h).

#include "runtime/src/CudaDevice.h"
#include "../ExampleModule.h"
#include "CudaTestKernels.h"
#include "StandInCuda.h"
#include "runtime/src/CudaPtx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

using namespace oriel;
using namespace oriel::test;
using testing::Each, testing::HasSubstr, testing::Not;

namespace {

class CudaDevice : public testing::Test {
protected:
  void SetUp() override {
    driver = findStandInCuda();
    if (driver == nullptr) {
      GTEST_SKIP() << "the stand-in is not the driver: set LD_LIBRARY_PATH to its folder, as ctest "
                      "does";
    }
    driver->reset();
    setenv("XDG_CACHE_HOME", folder.path("cache").c_str(), 1);
  }
  void TearDown() override {
    if (driver != nullptr) {
      EXPECT_EQ(driver->live(), 0);
      EXPECT_STREQ(driver->violations(), "");
    }
  }

  /// Module, queue and 64 values, all or what came before the error.
  struct Work {
    DeviceModule *module = nullptr;
    DeviceQueue *queue = nullptr;
    float *values = nullptr;
    ~Work() {
      if (queue != nullptr) {
        cudaApi()->destroyQueue(queue);
      }
      if (module != nullptr) {
        cudaApi()->destroyModule(module);
      }
    }
  };
  oriel_status open(Work &work, void *stream = nullptr) {
    const DeviceApi &api = *cudaApi();
    oriel_status status = api.createModule(parameters, sizeof parameters, &work.module, &error);
    if (status == ORIEL_OK) {
      status = api.createQueue(work.module, stream, &work.queue, &error);
    }
    void *address = nullptr;
    if (status == ORIEL_OK) {
      status = api.allocate(work.queue, 256, &address, &error);
    }
    work.values = static_cast<float *>(address);
    return status;
  }
  /// values = values * 2 + 1.
  oriel_status advance(Work &work, int threads = 64) {
    float offset = 1;
    oriel_kernel_argument arguments[] = {{cudaApi()->parameters(work.module), 4, 1, 0},
                                         {work.values, 256, 1, 0},
                                         {&offset, sizeof offset, 0, 0}};
    oriel_kernel_launch launch = {cudaKernels, "advance", {64 / threads, 1, 1}, {threads, 1, 1}, 0,
                                  3,           arguments};
    return cudaApi()->launch(work.queue, launch, &error);
  }
  std::vector<float> download(Work &work) {
    std::vector<float> values(64);
    EXPECT_EQ(cudaApi()->download(work.queue, work.values, values.data(), 256, &error), ORIEL_OK);
    EXPECT_EQ(cudaApi()->synchronize(work.queue, &error), ORIEL_OK);
    return values;
  }
  oriel_status runOnce() {
    Work work;
    oriel_status status = open(work);
    status = status == ORIEL_OK ? advance(work) : status;
    if (status == ORIEL_OK) {
      EXPECT_THAT(download(work), Each(1.0f));
    }
    return status;
  }
  std::vector<std::filesystem::path> cachedFiles() {
    std::vector<std::filesystem::path> files;
    for (const auto &entry :
         std::filesystem::directory_iterator(folder.path("cache/oriel/cubin"))) {
      files.push_back(entry.path());
    }
    return files;
  }

  TemporaryFolder folder;
  const StandInCuda *driver = nullptr;
  const float parameters[1] = {2};
  oriel_error error = {};
};

TEST_F(CudaDevice, CompilesOneEntryForBlocksOfItsLaunchAndRegistersToMatch) {
  Work work;
  ASSERT_EQ(open(work), ORIEL_OK) << error.message;
  ASSERT_EQ(advance(work), ORIEL_OK) << error.message;
  std::string source = driver->source();
  EXPECT_THAT(source, HasSubstr(".entry advance("));
  EXPECT_THAT(source, HasSubstr(")\n.maxntid 64, 1, 1\n{"));
  EXPECT_THAT(source, Not(HasSubstr(".entry reverse")));
  EXPECT_THAT(source, HasSubstr(".extern .shared"));
  // The same again is not compiled again; other blocks are.
  ASSERT_EQ(advance(work), ORIEL_OK);
  EXPECT_EQ(driver->count("cuLinkComplete"), 1);
  ASSERT_EQ(advance(work, 32), ORIEL_OK) << error.message;
  EXPECT_EQ(driver->count("cuLinkComplete"), 2);
  EXPECT_THAT(driver->source(), HasSubstr(".maxntid 32, 1, 1\n"));
  ASSERT_EQ(advance(work), ORIEL_OK);
  ASSERT_EQ(advance(work, 32), ORIEL_OK);
  EXPECT_EQ(driver->count("cuLinkComplete"), 2);
  EXPECT_THAT(download(work), Each(31.0f));
}

TEST_F(CudaDevice, KeepsMachineCodeByDriverAndDevice) {
  ASSERT_EQ(runOnce(), ORIEL_OK) << error.message;
  EXPECT_EQ(driver->count("cuLinkComplete"), 1);
  EXPECT_EQ(cachedFiles().size(), 1u);
  ASSERT_EQ(runOnce(), ORIEL_OK);
  EXPECT_EQ(driver->count("cuLinkComplete"), 1);
  driver->set("driver", 13000);
  ASSERT_EQ(runOnce(), ORIEL_OK);
  EXPECT_EQ(driver->count("cuLinkComplete"), 2);
  driver->set("capability", 90);
  ASSERT_EQ(runOnce(), ORIEL_OK);
  EXPECT_EQ(driver->count("cuLinkComplete"), 3);
  EXPECT_EQ(cachedFiles().size(), 3u);
}

TEST_F(CudaDevice, WritesDamagedMachineCodeAnew) {
  ASSERT_EQ(runOnce(), ORIEL_OK);
  std::filesystem::path file = cachedFiles().at(0);
  const Bytes good = readFile(file);
  auto write = [&](const Bytes &content) {
    std::unique_ptr<FILE, int (*)(FILE *)> out(fopen(file.c_str(), "wb"), fclose);
    fwrite(content.data(), 1, content.size(), out.get());
  };
  Bytes flipped = good, empty;
  flipped[flipped.size() / 2] ^= 1;
  Bytes cut(good.begin(), good.end() - 7);
  int32_t compiled = 1;
  for (const Bytes &damaged : {flipped, cut, empty}) {
    write(damaged);
    ASSERT_EQ(runOnce(), ORIEL_OK) << error.message;
    EXPECT_EQ(driver->count("cuLinkComplete"), ++compiled);
    EXPECT_EQ(readFile(file), good);
  }
  // What the driver itself refuses is compiled, too.
  driver->fail("cuModuleLoadData", 200, 0);
  Work work;
  ASSERT_EQ(open(work), ORIEL_OK);
  EXPECT_EQ(advance(work), ORIEL_DEVICE_FAILED);
  EXPECT_EQ(driver->count("cuLinkComplete"), ++compiled);
  driver->fail("cuModuleLoadData", 0, 0);
  EXPECT_EQ(advance(work), ORIEL_OK) << error.message;
}

TEST_F(CudaDevice, RunsWithoutAPlaceForACache) {
  for (const char *place : {"/proc/none", "/dev/null"}) {
    setenv("XDG_CACHE_HOME", place, 1);
    EXPECT_EQ(runOnce(), ORIEL_OK) << error.message;
  }
  // A folder into which others write is not trusted.
  setenv("XDG_CACHE_HOME", folder.path("open").c_str(), 1);
  std::filesystem::create_directories(folder.path("open/oriel/cubin"));
  std::filesystem::permissions(folder.path("open/oriel/cubin"), std::filesystem::perms::all);
  EXPECT_EQ(runOnce(), ORIEL_OK) << error.message;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("open/oriel/cubin")));
}

TEST_F(CudaDevice, FailuresOfTheDriverAreOneLineAndLeaveNothingBehind) {
  struct Case {
    const char *call;
    int32_t code;
    oriel_status status;
    const char *text;
  };
  for (const Case &failing : {
           Case{"cuInit", 100, ORIEL_NO_DEVICE, "check nvidia-smi"},
           Case{"cuDeviceGetCount", 100, ORIEL_NO_DEVICE, "CUDA_VISIBLE_DEVICES"},
           Case{"cuDevicePrimaryCtxRetain", 2, ORIEL_OUT_OF_RESOURCES, "OUT_OF_MEMORY"},
           Case{"cuCtxPushCurrent", 201, ORIEL_DEVICE_FAILED, "CUDA_ERROR_INVALID_CONTEXT"},
           Case{"cuMemAlloc", 2, ORIEL_OUT_OF_RESOURCES, "smaller batch"},
           Case{"cuMemsetD8Async", 719, ORIEL_DEVICE_FAILED, "cuMemsetD8Async"},
           Case{"cuMemcpyHtoDAsync", 719, ORIEL_DEVICE_FAILED, "cuMemcpyHtoDAsync"},
           Case{"cuStreamCreate", 2, ORIEL_OUT_OF_RESOURCES, "out of memory"},
           Case{"cuLinkCreate", 2, ORIEL_DEVICE_FAILED, "does not compile"},
           Case{"cuLinkComplete", 218, ORIEL_DEVICE_FAILED, "CUDA_ERROR_INVALID_PTX"},
           Case{"cuModuleLoadData", 200, ORIEL_DEVICE_FAILED, "update its driver"},
           Case{"cuModuleGetFunction", 500, ORIEL_DEVICE_FAILED, "cuModuleGetFunction"},
           Case{"cuLaunchKernel", 719, ORIEL_DEVICE_FAILED, "CUDA_ERROR_LAUNCH_FAILED"},
       }) {
    driver->reset();
    setenv("XDG_CACHE_HOME", folder.path(failing.call).c_str(), 1);
    driver->fail(failing.call, failing.code, 0);
    EXPECT_EQ(runOnce(), failing.status) << failing.call;
    EXPECT_THAT(error.message, HasSubstr(failing.text)) << failing.call;
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
    driver->fail(failing.call, 0, 0);
    EXPECT_EQ(driver->live(), 0) << failing.call;
    EXPECT_EQ(runOnce(), ORIEL_OK) << failing.call << ": " << error.message;
  }
}

TEST_F(CudaDevice, RefusesADeviceOlderThanTheKernels) {
  driver->set("capability", 75);
  EXPECT_EQ(runOnce(), ORIEL_DEVICE_FAILED);
  EXPECT_THAT(error.message, HasSubstr("has compute capability 7.5 and the module needs 8.0"));
  driver->set("devices", 0);
  EXPECT_EQ(runOnce(), ORIEL_NO_DEVICE);
}

TEST_F(CudaDevice, RecordsLaunchesOnceAndReplaysThem) {
  const DeviceApi &api = *cudaApi();
  Work work;
  ASSERT_EQ(open(work), ORIEL_OK);
  ASSERT_EQ(advance(work), ORIEL_OK);
  ASSERT_EQ(api.beginRecording(work.queue, &error), ORIEL_OK) << error.message;
  ASSERT_EQ(advance(work), ORIEL_OK) << error.message;
  ASSERT_EQ(advance(work), ORIEL_OK) << error.message;
  ASSERT_EQ(api.endRecording(work.queue, &error), ORIEL_OK) << error.message;
  EXPECT_THAT(download(work), Each(1.0f));
  int32_t launches = driver->count("cuLaunchKernel");
  ASSERT_EQ(api.replay(work.queue, &error), ORIEL_OK) << error.message;
  EXPECT_THAT(download(work), Each(7.0f));
  ASSERT_EQ(api.replay(work.queue, &error), ORIEL_OK);
  EXPECT_THAT(download(work), Each(31.0f));
  EXPECT_EQ(driver->count("cuLaunchKernel"), launches);
  EXPECT_EQ(driver->count("cuGraphLaunch"), 2);
}

TEST_F(CudaDevice, AFailedRecordLeavesNothing) {
  const DeviceApi &api = *cudaApi();
  for (const char *call : {"cuStreamBeginCapture", "cuStreamEndCapture", "cuGraphInstantiate"}) {
    Work work;
    ASSERT_EQ(open(work), ORIEL_OK);
    ASSERT_EQ(advance(work), ORIEL_OK);
    driver->fail(call, 719, 0);
    oriel_status status = api.beginRecording(work.queue, &error);
    if (status == ORIEL_OK) {
      status = api.endRecording(work.queue, &error);
    }
    EXPECT_EQ(status, ORIEL_DEVICE_FAILED) << call;
    EXPECT_THAT(error.message, HasSubstr(call));
    driver->fail(call, 0, 0);
  }
}

TEST_F(CudaDevice, PutsWorkOnTheCallersStream) {
  const DeviceApi &api = *cudaApi();
  Work lender;
  ASSERT_EQ(open(lender), ORIEL_OK);
  // Any stream of the context will do: a queue's own, which the stand-in made second.
  struct QueueFields {
    void *module, *ownStream;
  };
  void *stream = reinterpret_cast<QueueFields *>(lender.queue)->ownStream;
  Work work;
  ASSERT_EQ(open(work, stream), ORIEL_OK) << error.message;
  ASSERT_EQ(advance(work), ORIEL_OK);
  ASSERT_EQ(api.beginRecording(work.queue, &error), ORIEL_OK);
  ASSERT_EQ(advance(work), ORIEL_OK);
  ASSERT_EQ(api.endRecording(work.queue, &error), ORIEL_OK);
  ASSERT_EQ(api.replay(work.queue, &error), ORIEL_OK) << error.message;
  // From memory of one queue to another's.
  ASSERT_EQ(api.copyOnDevice(work.queue, lender.values, work.values, 256, &error), ORIEL_OK);
  EXPECT_THAT(download(lender), Each(3.0f));
}

TEST(CudaPtx, LeavesOneEntryWithABound) {
  const int32_t threads[3] = {8, 4, 2};
  constexpr char source[] = ".version 7.0\n.target sm_86, debug\n.entry first(.param .u32 a)\n"
                            "{ { ret; } }\n.shared .b8 s[4];\n.visible .entry "
                            "first_and_more ()\n{ ret; }\n// the end\n";
  std::unique_ptr<char, void (*)(void *)> text(isolatePtxEntry(source, "first_and_more", threads),
                                               free);
  EXPECT_STREQ(text.get(), ".version 7.0\n.target sm_86, debug\n\n.shared .b8 s[4];\n.visible "
                           ".entry first_and_more ()\n.maxntid 8, 4, 2\n{ ret; }\n// the end\n");
  EXPECT_EQ(isolatePtxEntry(source, "first_and", threads), nullptr);
  EXPECT_EQ(isolatePtxEntry(".entry cut() { { ret; }", "cut", threads), nullptr);
  EXPECT_EQ(requiredCapability(source), 86);
  EXPECT_EQ(requiredCapability("none"), 0);
}

} // namespace
