#include "compiler/Tuning/KernelTuner.h"

#include "tests/unit/compiler/Kernels/RegionBuilder.h"

#include "gmock/gmock.h"

#include <cmath>
#include <csignal>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;

namespace {

/// A linear layer of 40 rows, 48 columns and depth 32, with gelu or silu.
class LinearRegion : public RegionBuilder {
public:
  explicit LinearRegion(bool gelu) : RegionBuilder(1) {
    Value x = activation({40, 32}), w = parameter({48, 32});
    Value sums = make<LinearOp>(x, w, parameter({48}));
    yield(gelu ? Value(make<GeluOp>(sums)) : Value(make<SiluOp>(sums)));
  }

  KernelRequest request() {
    return {kernel, inputs, outputs, "kernel", *KernelTarget::get("x86-64-v3")};
  }
};

class KernelTunerTest : public testing::Test {
protected:
  LinearRegion region{true};
};

TEST_F(KernelTunerTest, MeasuresTheCostModelsScheduleAndOthers) {
  // In turns with several copies of its parameters.
  KernelTuner tuner(region.request(), int64_t(1) << 20);
  auto costModel = tuner.measure({});
  ASSERT_TRUE(static_cast<bool>(costModel)) << toString(costModel.takeError());
  EXPECT_EQ(costModel->trial.relativeTime, 1);
  EXPECT_GT(costModel->seconds, 0);
  ASSERT_FALSE(costModel->trial.choices.empty());
  for (const ScheduleChoice &choice : costModel->trial.choices) {
    EXPECT_EQ(choice.chosen, choice.preferred);
  }
  for (uint64_t seed : {1, 2, 3}) {
    auto other = tuner.measure({{}, seed});
    ASSERT_TRUE(static_cast<bool>(other)) << toString(other.takeError());
    EXPECT_EQ(other->error, "");
    EXPECT_GT(other->trial.relativeTime, 0);
    EXPECT_FALSE(std::isinf(other->trial.relativeTime));
  }
}

TEST_F(KernelTunerTest, TimesNoScheduleThatComputesSomethingElse) {
  LinearRegion other(false);
  KernelTuner tuner(region.request(), 0, [&](const KernelRequest &request) {
    return compileKernel(request.parameters.seed ? other.request() : request);
  });
  auto wrong = tuner.measure({{}, 1});
  ASSERT_TRUE(static_cast<bool>(wrong)) << toString(wrong.takeError());
  EXPECT_THAT(wrong->error, HasSubstr("it computes something else"));
  EXPECT_TRUE(std::isinf(wrong->trial.relativeTime));
  EXPECT_EQ(wrong->seconds, 0);
}

TEST_F(KernelTunerTest, OutlivesAScheduleThatCrashes) {
  KernelTuner tuner(region.request(), 0, [&](const KernelRequest &request) {
    if (request.parameters.seed) {
      raise(SIGSEGV);
    }
    return compileKernel(request);
  });
  auto crashed = tuner.measure({{}, 1});
  ASSERT_TRUE(static_cast<bool>(crashed)) << toString(crashed.takeError());
  EXPECT_THAT(crashed->error, HasSubstr("ended by a signal"));
  EXPECT_EQ(llvm::cantFail(tuner.measure({})).error, "");
}

TEST_F(KernelTunerTest, FailsWhereTheCostModelsScheduleDoes) {
  KernelTuner tuner(region.request(), 0,
                    [&](const KernelRequest &) -> llvm::Expected<CompiledKernel> {
                      return llvm::createStringError("no");
                    });
  auto failed = tuner.measure({{}, 1});
  ASSERT_FALSE(static_cast<bool>(failed));
  EXPECT_THAT(toString(failed.takeError()), HasSubstr("failed: no"));
}

/// A linear layer of 200 rows of the arena, 32 columns and depth 96.
class TallRegion : public RegionBuilder {
public:
  TallRegion() : RegionBuilder(1) {
    yield(make<LinearOp>(activation({200, 96}), parameter({32, 96}), parameter({32})));
  }
};

int64_t chosen(const MeasuredSchedule &measured, llvm::StringRef name) {
  for (const ScheduleChoice &choice : measured.trial.choices) {
    if (choice.name == name) {
      return choice.chosen;
    }
  }
  return -1;
}

TEST(ScheduleLimits, BlocksSummedInPartsReadNoFartherThanTheSlack) {
  TallRegion region;
  KernelTuner tuner(
      {region.kernel, region.inputs, region.outputs, "kernel", *KernelTarget::get("x86-64-v3")});
  // Blocks of 35 rows reach 10 rows behind the last, blocks of 135 rows 70.
  auto small = tuner.measure({{{"tile_rows", 5}, {"task_tiles", 7}, {"depth", 48}}, {}});
  ASSERT_TRUE(static_cast<bool>(small)) << toString(small.takeError());
  EXPECT_EQ(small->error, "");
  EXPECT_EQ(chosen(*small, "depth"), 48);
  auto large = tuner.measure({{{"tile_rows", 5}, {"task_tiles", 27}, {"depth", 48}}, {}});
  ASSERT_TRUE(static_cast<bool>(large)) << toString(large.takeError());
  EXPECT_EQ(large->error, "");
  EXPECT_EQ(chosen(*large, "tile_rows") * chosen(*large, "task_tiles"), 135);
  EXPECT_EQ(chosen(*large, "depth"), 96);
}

} // namespace
