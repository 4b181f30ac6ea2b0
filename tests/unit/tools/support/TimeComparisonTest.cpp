//===- TimeComparisonTest.cpp - Two modules, timed in turns ---------------===//

#include "tools/support/TimeComparison.h"

#include "gtest/gtest.h"

#include <random>

using namespace oriel;
using Verdict = TimeComparison::Verdict;

/// Compares `pairs` times whose ratios are `ratio` but for noise of `spread` of each time.
static TimeComparison compareNoisy(double ratio, double spread, int pairs) {
  std::mt19937 generator(1);
  auto noise = [&] { return 1 + spread * (double(generator()) / double(generator.max()) - 0.5); };
  std::vector<double> first, second;
  for (int i = 0; i < pairs; ++i) {
    // The machine as a whole is twice as slow half of the time.
    double machine = i / 4 % 2 == 0 ? 10 : 20;
    first.push_back(machine * noise());
    second.push_back(machine * ratio * noise());
  }
  return compareTimes(first, second);
}

TEST(TimeComparison, SeesThroughWhatSlowsBothDown) {
  TimeComparison comparison = compareNoisy(1.05, 0.02, 100);
  EXPECT_NEAR(comparison.ratio, 1.05, 0.005);
  EXPECT_LE(comparison.low, comparison.ratio);
  EXPECT_GE(comparison.high, comparison.ratio);
  EXPECT_EQ(comparison.verdict, Verdict::Faster);
  EXPECT_EQ(compareNoisy(0.95, 0.02, 100).verdict, Verdict::Slower);
}

TEST(TimeComparison, CallsEqualTimesAlike) {
  EXPECT_EQ(compareNoisy(1, 0.01, 100).verdict, Verdict::Alike);
  EXPECT_EQ(compareNoisy(1, 0, 5).ratio, 1);
}

TEST(TimeComparison, SaysWhenTheMachineIsTooNoisy) {
  std::vector<double> first(20, 10), second;
  for (int i = 0; i < 20; ++i) {
    second.push_back(i % 2 == 0 ? 8 : 13);
  }
  TimeComparison comparison = compareTimes(first, second);
  EXPECT_EQ(comparison.verdict, Verdict::TooNoisy);
  EXPECT_EQ(comparison.describeVerdict(), "too noisy to tell");
}

TEST(TimeComparison, IsAsWideAsAllPairsWhereTheyAreFew) {
  TimeComparison comparison = compareTimes({1, 1, 1, 1, 1}, {1.1, 1.2, 1.3, 1.4, 1.5});
  EXPECT_DOUBLE_EQ(comparison.ratio, 1.3);
  EXPECT_DOUBLE_EQ(comparison.low, 1.1);
  EXPECT_DOUBLE_EQ(comparison.high, 1.5);
}
