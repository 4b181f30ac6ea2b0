//===- GainTest.cpp - How much faster something is ------------------------===//

#include "tools/oriel-tune/Gain.h"

#include "gtest/gtest.h"

using namespace oriel;
using Verdict = TimeComparison::Verdict;

static constexpr TimeComparison faster = {1.05, 1.03, 1.07, Verdict::Faster};
static constexpr TimeComparison alike = {1.0, 0.995, 1.005, Verdict::Alike};
static constexpr TimeComparison slower = {0.97, 0.96, 0.98, Verdict::Slower};
static constexpr TimeComparison noisy = {1.06, 0.9, 1.2, Verdict::TooNoisy};

TEST(Gain, IsFasterOnceAndSlowerNowhere) {
  EXPECT_TRUE(isGain({faster}));
  EXPECT_TRUE(isGain({faster, alike}));
  EXPECT_TRUE(isGain({noisy, faster}));
  EXPECT_FALSE(isGain({faster, slower}));
  EXPECT_FALSE(isGain({slower, faster}));
  EXPECT_FALSE(isGain({alike, alike}));
}

TEST(Gain, IsNotWhatMayBeNoise) {
  EXPECT_FALSE(isGain({noisy, noisy}));
  EXPECT_FALSE(isGain({{1.015, 1.01, 1.02, Verdict::Faster}, alike}));
}

TEST(Gain, HasTheGeometricMeanOfItsRatios) {
  EXPECT_DOUBLE_EQ(meanRatio({{2, 2, 2, Verdict::Faster}, {0.5, 0.5, 0.5, Verdict::Slower}}), 1);
}

TEST(Gain, SaysOnHowManyThreads) {
  EXPECT_EQ(describe({faster}), "1.05 (1.03 to 1.07) times as fast on one thread");
  EXPECT_EQ(describe({faster, slower}),
            "1.05 (1.03 to 1.07) times as fast on one thread, 0.97 (0.96 to 0.98) on two");
}
