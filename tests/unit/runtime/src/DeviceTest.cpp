// What every device does alike, on each that this machine has.

#include "runtime/src/Device.h"
#include "CudaTestKernels.h"
#include "runtime/src/CudaDevice.h"
#include "runtime/src/OpenClDevice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

using namespace oriel;
using testing::Each, testing::HasSubstr, testing::Not;

namespace {

/// Kernels in the language of a device. `advance`: values[i] = values[i] * factors[0] + offset for
/// each of the grid's threads. `reverse`: each block of 64 values back to front, through shared
/// memory.
struct DeviceCase {
  const char *name;
  const DeviceApi *api;
  const char *kernels;
  /// Does not compile.
  const char *broken;
};

constexpr char openClKernels[] = R"(
__kernel void advance(__global const float *factors, __global float *values, const float offset,
                   __local float *shared) {
  int i = get_global_id(0);
  values[i] = values[i] * factors[0] + offset;
}
__kernel void reverse(__global float *values, __local float *shared) {
  int i = get_local_id(0);
  shared[63 - i] = values[get_global_id(0)];
  barrier(CLK_LOCAL_MEM_FENCE);
  values[get_global_id(0)] = shared[i];
}
)";

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest finds it by this name.
void PrintTo(const DeviceCase &device, std::ostream *out) { *out << device.name; }

class DeviceTest : public testing::TestWithParam<DeviceCase> {
protected:
  void SetUp() override {
    module = openModule(parameters.data(), parameters.size() * sizeof(float));
    if (module == nullptr) {
      GTEST_SKIP() << "no device: " << error.message;
    }
    queue = openQueue(module);
  }
  void TearDown() override {
    if (queue != nullptr) {
      api().destroyQueue(queue);
    }
    if (module != nullptr) {
      api().destroyModule(module);
    }
  }

  const DeviceApi &api() const { return *GetParam().api; }

  DeviceModule *openModule(const void *data, size_t bytes) {
    DeviceModule *opened = nullptr;
    oriel_status status = api().createModule(data, bytes, &opened, &error);
    EXPECT_TRUE(status == ORIEL_OK || status == ORIEL_NO_DEVICE) << error.message;
    return opened;
  }
  DeviceQueue *openQueue(DeviceModule *owner) {
    DeviceQueue *opened = nullptr;
    EXPECT_EQ(api().createQueue(owner, nullptr, &opened, &error), ORIEL_OK) << error.message;
    return opened;
  }
  void *allocate(DeviceQueue *on, uint64_t bytes) {
    void *address = nullptr;
    EXPECT_EQ(api().allocate(on, bytes, &address, &error), ORIEL_OK) << error.message;
    return address;
  }
  void upload(DeviceQueue *on, void *address, const std::vector<float> &values) {
    EXPECT_EQ(api().upload(on, address, values.data(), values.size() * sizeof(float), &error),
              ORIEL_OK)
        << error.message;
    EXPECT_EQ(api().synchronize(on, &error), ORIEL_OK) << error.message;
  }
  std::vector<float> download(DeviceQueue *on, const void *address, size_t count) {
    std::vector<float> values(count, -1);
    EXPECT_EQ(api().download(on, address, values.data(), count * sizeof(float), &error), ORIEL_OK)
        << error.message;
    EXPECT_EQ(api().synchronize(on, &error), ORIEL_OK) << error.message;
    return values;
  }

  oriel_status launch(DeviceQueue *on, const char *source, const char *entry, int blocks,
                      const std::vector<oriel_kernel_argument> &arguments, oriel_error *failure,
                      int sharedBytes = 0) {
    oriel_kernel_launch kernel = {source,          entry,       {blocks, 1, 1},
                                  {64, 1, 1},      sharedBytes, int32_t(arguments.size()),
                                  arguments.data()};
    return api().launch(on, kernel, failure);
  }
  /// values = values * *factor + offset, for `count` of them, a multiple of 64.
  void advance(DeviceQueue *on, const void *factor, void *values, size_t count, float offset,
               const char *source = nullptr) {
    oriel_error failure;
    EXPECT_EQ(launch(on, source != nullptr ? source : GetParam().kernels, "advance",
                     int(count / 64),
                     {{factor, sizeof(float), 1, 0},
                      {values, count * sizeof(float), 1, 0},
                      {&offset, sizeof offset, 0, 0}},
                     &failure),
              ORIEL_OK)
        << failure.message;
  }
  const float *factor(size_t index, const DeviceModule *of = nullptr) {
    return static_cast<const float *>(api().parameters(of != nullptr ? of : module)) + index;
  }

  static std::vector<float> count(size_t number) {
    std::vector<float> values(number);
    std::iota(values.begin(), values.end(), 1.0f);
    return values;
  }

  std::vector<float> parameters = {1, 2, 3};
  DeviceModule *module = nullptr;
  DeviceQueue *queue = nullptr;
  oriel_error error = {};
};

TEST_P(DeviceTest, MemoryIsZeroAlignedAndApart) {
  void *first = allocate(queue, 4000), *second = allocate(queue, 4000);
  EXPECT_THAT(download(queue, first, 1000), Each(0.0f));
  upload(queue, first, count(1000));
  EXPECT_THAT(download(queue, second, 1000), Each(0.0f));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 512, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(second) % 512, 0u);
}

TEST_P(DeviceTest, CopiesPartsOfMemoryThereAndBack) {
  auto *memory = static_cast<float *>(allocate(queue, 4000));
  upload(queue, memory, count(1000));
  upload(queue, memory + 500, {-5, -6});
  std::vector<float> wanted = count(1000);
  wanted[500] = -5;
  wanted[501] = -6;
  EXPECT_EQ(download(queue, memory, 1000), wanted);
  EXPECT_EQ(download(queue, memory + 499, 4), (std::vector<float>{500, -5, -6, 503}));
}

TEST_P(DeviceTest, KernelsRunInOrderWithoutBeingWaitedFor) {
  void *memory = allocate(queue, 64 * sizeof(float));
  upload(queue, memory, std::vector<float>(64, 1.0f));
  std::vector<float> wanted(64, 1.0f);
  for (int i = 0; i < 20; ++i) {
    advance(queue, factor(1 + i % 2), memory, 64, float(-i));
    for (float &value : wanted) {
      value = value * (i % 2 == 0 ? 2.0f : 3.0f) - float(i);
    }
  }
  EXPECT_EQ(download(queue, memory, 64), wanted);
}

TEST_P(DeviceTest, KernelsTakePartsOfMemoryAndOfParameters) {
  auto *memory = static_cast<float *>(allocate(queue, 512 * sizeof(float)));
  upload(queue, memory, std::vector<float>(512, 1.0f));
  advance(queue, factor(2), memory + 128, 64, 0.5f);
  std::vector<float> wanted(512, 1.0f);
  std::fill(wanted.begin() + 128, wanted.begin() + 192, 3.5f);
  EXPECT_EQ(download(queue, memory, 512), wanted);
}

TEST_P(DeviceTest, ThreadsOfABlockShareMemory) {
  void *memory = allocate(queue, 128 * sizeof(float));
  upload(queue, memory, count(128));
  ASSERT_EQ(launch(queue, GetParam().kernels, "reverse", 2, {{memory, 512, 1, 0}}, &error, 256),
            ORIEL_OK)
      << error.message;
  std::vector<float> wanted = count(128);
  std::reverse(wanted.begin(), wanted.begin() + 64);
  std::reverse(wanted.begin() + 64, wanted.end());
  EXPECT_EQ(download(queue, memory, 128), wanted);
}

TEST_P(DeviceTest, ErrorsAreOneLineAndLeaveOtherQueuesAlone) {
  void *memory = allocate(queue, 512);
  oriel_error failure;
  for (auto [source, entry] :
       {std::pair{GetParam().broken, "advance"}, std::pair{GetParam().kernels, "absent"}}) {
    EXPECT_EQ(launch(queue, source, entry, 1, {{memory, 256, 1, 0}}, &failure),
              ORIEL_DEVICE_FAILED);
    EXPECT_THAT(failure.message, HasSubstr("device"));
    EXPECT_THAT(failure.message, Not(HasSubstr("\n")));
  }
  float outside = 0;
  EXPECT_EQ(launch(queue, GetParam().kernels, "reverse", 1, {{&outside, 256, 1, 0}}, &failure),
            ORIEL_DEVICE_FAILED);
  EXPECT_THAT(failure.message, HasSubstr("no memory of its device"));
  DeviceQueue *other = openQueue(module);
  void *values = allocate(other, 256);
  advance(other, factor(0), values, 64, 4.0f);
  EXPECT_THAT(download(other, values, 64), Each(4.0f));
  api().destroyQueue(other);
}

TEST_P(DeviceTest, ExhaustionIsAnErrorAndTheDeviceGoesOn) {
  void *address = nullptr;
  for (uint64_t bytes : {uint64_t(1) << 50, uint64_t(1) << 62, UINT64_MAX}) {
    EXPECT_EQ(api().allocate(queue, bytes, &address, &error), ORIEL_OUT_OF_RESOURCES);
    EXPECT_THAT(error.message, HasSubstr("smaller batch"));
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
  }
  void *values = allocate(queue, 256);
  advance(queue, factor(0), values, 64, 2.0f);
  EXPECT_THAT(download(queue, values, 64), Each(2.0f));
}

TEST_P(DeviceTest, QueuesMayGoInAnyOrderWithWorkOnThem) {
  DeviceQueue *second = openQueue(module), *third = openQueue(module);
  for (DeviceQueue *each : {queue, second, third}) {
    void *values = allocate(each, 1 << 20);
    for (int i = 0; i < 8; ++i) {
      advance(each, factor(1), values, 1 << 18, 1.0f);
    }
  }
  api().destroyQueue(second);
  api().destroyQueue(queue);
  queue = third;
}

TEST_P(DeviceTest, TwoModulesHaveParametersAndProgramsOfTheirOwn) {
  // Another text at another address.
  std::string text = std::string(GetParam().kernels) + " ";
  std::vector<float> others = {7};
  DeviceModule *other = openModule(others.data(), sizeof(float));
  DeviceQueue *second = openQueue(other);
  void *values = allocate(queue, 256), *otherValues = allocate(second, 256);
  for (int i = 0; i < 2; ++i) {
    advance(queue, factor(1), values, 64, 1.0f);
    advance(second, factor(0, other), otherValues, 64, 1.0f, text.c_str());
  }
  EXPECT_THAT(download(queue, values, 64), Each(3.0f));
  EXPECT_THAT(download(second, otherValues, 64), Each(8.0f));
  api().destroyQueue(second);
  api().destroyModule(other);
}

TEST_P(DeviceTest, FourThreadsUseAModuleAtOnce) {
  std::vector<std::thread> threads;
  std::vector<float> results[4];
  threads.reserve(4);
  for (size_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] {
      DeviceQueue *own = openQueue(module);
      void *values = allocate(own, 4096);
      for (int i = 0; i < 50; ++i) {
        advance(own, factor(0), values, 1024, float(index));
      }
      results[index] = download(own, values, 1024);
      api().destroyQueue(own);
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  for (size_t index = 0; index < 4; ++index) {
    EXPECT_THAT(results[index], Each(50.0f * float(index)));
  }
}

const DeviceCase devices[] = {
    {"cuda", cudaApi(), test::cudaKernels,
     ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry advance() { nothing; }"},
    {"opencl", openClApi(), openClKernels,
     "__kernel void advance(__global float *values) { nothing; }"},
};
INSTANTIATE_TEST_SUITE_P(Devices, DeviceTest, testing::ValuesIn(devices),
                         [](const auto &info) { return info.param.name; });

} // namespace
