//===- VectorFunctionsTest.cpp - The stated errors of vector functions ----===//

#include "compiler/Kernels/KernelRunner.h"
#include "compiler/Reference/ErrorBounds.h"
#include "tests/unit/compiler/Kernels/RegionBuilder.h"

#include "gtest/gtest.h"

#include <array>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

static constexpr std::array<int64_t, 2> shape = {512, 2048};

/// Points between -limit and limit, both included.
static Tensor makePoints(double limit) {
  Tensor points = Tensor::zeros(shape);
  auto last = static_cast<double>(points.values.size() - 1);
  for (auto [i, point] : llvm::enumerate(points.values)) {
    point = static_cast<float>(limit * (2 * static_cast<double>(i) / last - 1));
  }
  return points;
}

/// What the code of `target` makes of `points` by the op.
template <typename Op>
static Tensor compute(const Tensor &points, llvm::StringRef target) {
  RegionBuilder region;
  region.yield(region.make<Op>(region.activation(shape)));
  auto compiled = compileKernel(
      {region.kernel, region.inputs, region.outputs, "kernel", *KernelTarget::get(target), {}});
  auto kernel = LoadedKernel::load(llvm::cantFail(std::move(compiled)), "kernel");
  KernelBuffer in(region.inputs[0], 1), out(region.outputs[0], 1);
  in.store(points);
  EXPECT_EQ(llvm::cantFail(std::move(kernel))->run({&in, &out}, 1), "");
  return out.load();
}

/// The largest of error(x, computed) in units of 2^-24.
template <typename Op>
static double largestError(double limit, llvm::StringRef target,
                           llvm::function_ref<double(double, double)> error) {
  Tensor points = makePoints(limit), results = compute<Op>(points, target);
  double largest = 0;
  for (auto [x, result] : llvm::zip(points.values, results.values)) {
    largest = std::max(largest, error(x, result));
  }
  return largest / unitRoundoff;
}

class VectorFunctions : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    if (!__builtin_cpu_supports("x86-64-v4") && llvm::StringRef(GetParam()) == "x86-64-v4") {
      GTEST_SKIP() << "this CPU lacks AVX-512";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Levels, VectorFunctions, testing::Values("x86-64-v3", "x86-64-v4"));

TEST_P(VectorFunctions, SiluHasTheErrorOfTheExponential) {
  // x / (1 + e^-x): that of e^-x, and two operations.
  auto error = [](double x, double computed) {
    double exact = x / (1 + std::exp(-x));
    return exact == 0 ? 0 : std::fabs(computed / exact - 1);
  };
  EXPECT_LT(largestError<SiluOp>(19.9, GetParam(), error), 3 + 2);
  EXPECT_LT(largestError<SiluOp>(86.9, GetParam(), error), 8 + 2);
}

TEST_P(VectorFunctions, GeluIsWithinItsStatedError) {
  auto error = [](double x, double computed) {
    double exact = x / 2 * std::erfc(-x / std::sqrt(2.0));
    return x == 0 ? 0 : std::fabs((computed - exact) / x);
  };
  for (double limit : {1.0, 6.0, 100.0}) {
    EXPECT_LT(largestError<GeluOp>(limit, GetParam(), error), 3.6) << limit;
  }
}

TEST_P(VectorFunctions, GeluKeepsWhatIsNoNumber) {
  Tensor points = Tensor::zeros(shape);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  points.values[0] = nan, points.values[1] = -nan;
  points.values[2] = infinity, points.values[3] = 3e38f;
  Tensor results = compute<GeluOp>(points, GetParam());
  EXPECT_TRUE(std::isnan(results.values[0]));
  EXPECT_TRUE(std::isnan(results.values[1]));
  EXPECT_EQ(results.values[2], infinity);
  EXPECT_EQ(results.values[3], 3e38f);
  EXPECT_EQ(results.values[4], 0.0f);
}
