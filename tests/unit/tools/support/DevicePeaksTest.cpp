//===- DevicePeaksTest.cpp - The kernels of peaks do all of their work ----===//

#include "tools/support/DevicePeaks.h"
#include "runtime/src/CudaDevice.h"
#include "runtime/src/OpenClDevice.h"
#include "tests/unit/runtime/src/StandInCuda.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <unistd.h>

using namespace oriel;

namespace {

struct DeviceCase {
  const char *name;
  const DeviceApi *api;
  DevicePeakKernels (*kernels)();
};

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest finds it by this name.
void PrintTo(const DeviceCase &device, std::ostream *out) { *out << device.name; }

class DevicePeaksTest : public testing::TestWithParam<DeviceCase> {
protected:
  void SetUp() override {
    if (bench.error.find("no device") != std::string::npos ||
        bench.error.find("driver") != std::string::npos) {
      GTEST_SKIP() << bench.error;
    }
    ASSERT_EQ(bench.error, "");
    isStandIn = std::string(GetParam().name) == "cuda" && test::findStandInCuda() != nullptr;
  }

  std::vector<int> sizesOfBlocks() const {
    return GetParam().kernels().takesSingleThreads ? std::vector{256, 1} : std::vector{256};
  }

  DevicePeakBench bench{*GetParam().api, GetParam().kernels()};
  /// Which checks launches and runs nothing.
  bool isStandIn = false;
};

TEST_P(DevicePeaksTest, PeaksAreMeasured) {
  EXPECT_GT(bench.measureFlops(), 0.0);
  EXPECT_GT(bench.measureReading(1 << 20), 0.0);
  EXPECT_EQ(bench.error, "");
}

TEST_P(DevicePeaksTest, EachStepIsAllMultiplyAdds) {
  if (isStandIn) {
    GTEST_SKIP() << "the stand-in for CUDA's driver runs no kernel";
  }
  auto sums = float(GetParam().kernels().addsPerStep);
  for (int threads : sizesOfBlocks()) {
    std::vector<float> results = bench.multiplyAdd(4, threads, 5, 1.0f, 1.0f);
    ASSERT_EQ(results.size(), size_t(4 * threads));
    float chains = results[1] - results[0];
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i], chains * float(i) + 5 * sums) << threads << " threads, at " << i;
    }
  }
  EXPECT_EQ(bench.error, "");
}

TEST_P(DevicePeaksTest, EachTurnReadsAllOfMemory) {
  if (isStandIn) {
    GTEST_SKIP() << "the stand-in for CUDA's driver runs no kernel";
  }
  // Small whole numbers, whose sums are exact; different in each block's share.
  std::vector<float> values(size_t(1) << 18);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = float((i >> 13) + i % 3);
  }
  double all = std::accumulate(values.begin(), values.end(), 0.0);
  for (int threads : sizesOfBlocks()) {
    for (int turns : {1, 3}) {
      std::vector<float> results = bench.readMemory(values, threads, turns);
      EXPECT_EQ(std::accumulate(results.begin(), results.end(), 0.0), turns * all)
          << threads << " threads, " << turns << " turns";
    }
  }
  EXPECT_EQ(bench.error, "");
}

TEST_P(DevicePeaksTest, TooMuchMemoryIsNoPeakAndNoError) {
  EXPECT_EQ(bench.measureReading(int64_t(1) << 50), 0.0);
  EXPECT_EQ(bench.error, "");
  EXPECT_GT(bench.measureReading(1 << 20), 0.0);
}

const DeviceCase devices[] = {
    {"cuda", cudaApi(), makeCudaPeakKernels},
    {"opencl", openClApi(), makeOpenClPeakKernels},
};
INSTANTIATE_TEST_SUITE_P(Devices, DevicePeaksTest, testing::ValuesIn(devices),
                         [](const auto &info) { return info.param.name; });

TEST(CudaDevicePeaks, CallsKeepTheDriversRules) {
  const test::StandInCuda *driver = test::findStandInCuda();
  if (driver == nullptr) {
    GTEST_SKIP() << "the stand-in is not the driver: set LD_LIBRARY_PATH to its folder, as ctest "
                    "does";
  }
  driver->reset();
  {
    DevicePeakBench bench(*cudaApi(), makeCudaPeakKernels());
    EXPECT_GT(bench.measureFlops(), 0.0);
    EXPECT_GT(bench.measureReading(1 << 20), 0.0);
  }
  EXPECT_EQ(driver->live(), 0);
  EXPECT_STREQ(driver->violations(), "");
  // A failure is a line, and no peak.
  driver->fail("cuLaunchKernel", 719, 0);
  DevicePeakBench bench(*cudaApi(), makeCudaPeakKernels());
  EXPECT_EQ(bench.measureFlops(), 0.0);
  EXPECT_THAT(bench.error, testing::HasSubstr("cuLaunchKernel"));
  driver->reset();
}

TEST(CudaDevicePeaks, PtxAssemblesWithoutSpilling) {
  if (std::system("command -v ptxas >/dev/null") != 0) {
    GTEST_SKIP() << "no ptxas on this machine: it comes with NVIDIA's CUDA toolkit";
  }
  // This test is part of two programs, which may run at the same time.
  std::string path = std::filesystem::temp_directory_path() /
                     ("DevicePeaksTest-" + std::to_string(getpid()) + ".ptx");
  std::ofstream(path) << makeCudaPeakKernels().source;
  std::string assemble = "ptxas -arch=sm_80 -v " + path + " -o /dev/null >" + path + ".log 2>&1";
  EXPECT_EQ(std::system(assemble.c_str()), 0);
  std::ifstream file(path + ".log");
  std::string log((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(log, testing::HasSubstr(" 0 bytes spill stores"));
  EXPECT_THAT(log, testing::Not(testing::ContainsRegex("[1-9][0-9]* bytes spill"))) << log;
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".log");
}

} // namespace
