//===- DifferenceTest.cpp -------------------------------------------------===//

#include "tools/oriel-compare/Difference.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace oriel;

static constexpr float infinite = std::numeric_limits<float>::infinity();
static constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

static Difference measure(const std::vector<float> &actual, const std::vector<float> &expected,
                          const std::vector<float> &bound) {
  auto make = [](const std::vector<float> &values) {
    return Tensor({static_cast<int64_t>(values.size())}, values);
  };
  return measureDifference(make(actual), make(expected), make(bound));
}

TEST(Difference, HasTheNormsOfTheErrors) {
  Difference difference = measure({3, 0, 4}, {3, 4, 0}, {9, 9, 9});
  EXPECT_EQ(difference.maxAbs, 4);
  EXPECT_DOUBLE_EQ(difference.relative, std::sqrt(32) / 5);
  EXPECT_DOUBLE_EQ(difference.cosine, 9.0 / 25);
  EXPECT_EQ(difference.verdict, Verdict::Good);
}

TEST(Difference, TheWorstElementIsThatWithTheLargestErrorForItsBound) {
  Difference difference = measure({10, 1.25, 7}, {0, 1, 7}, {20, 0.25, 0});
  EXPECT_EQ(difference.worst, 1U);
  EXPECT_EQ(difference.excess, 1);
  EXPECT_EQ(difference.actual, 1.25);
  EXPECT_EQ(difference.expected, 1);
  EXPECT_EQ(difference.bound, 0.25);
  EXPECT_EQ(difference.verdict, Verdict::Good);
}

TEST(Difference, IsBadBeyondOneBound) {
  EXPECT_EQ(measure({1, 2.5}, {1, 2}, {1, 0.25}).verdict, Verdict::Bad);
  EXPECT_EQ(measure({1, 2.5}, {1, 2}, {1, 0}).verdict, Verdict::Bad);
}

TEST(Difference, IsBadWhereOneSideAloneIsNotFinite) {
  for (float value : {infinite, -infinite, notANumber}) {
    EXPECT_EQ(measure({0, value}, {0, 1}, {1, infinite}).verdict, Verdict::Bad) << value;
    EXPECT_EQ(measure({0, 1}, {0, value}, {1, notANumber}).verdict, Verdict::Bad) << value;
    EXPECT_EQ(measure({0, value}, {0, 1}, {1, 1}).worst, 1U);
  }
  EXPECT_EQ(measure({infinite}, {-infinite}, {1}).verdict, Verdict::Bad);
}

TEST(Difference, IsGoodWhereBothAreNotFiniteAlike) {
  EXPECT_EQ(measure({notANumber, infinite}, {notANumber, infinite}, {0, 0}).verdict, Verdict::Good);
}

TEST(Difference, WithoutABoundNothingIsSaidAndTheRestIsStillChecked) {
  EXPECT_EQ(measure({5, 1}, {1, 1}, {infinite, 1}).verdict, Verdict::Unbounded);
  EXPECT_EQ(measure({5, 1}, {1, 1}, {notANumber, 1}).verdict, Verdict::Unbounded);
  EXPECT_EQ(measure({5, 9}, {1, 1}, {infinite, 1}).verdict, Verdict::Bad);
}

TEST(Difference, OfZerosIsNone) {
  Difference difference = measure({0, 0}, {0, 0}, {0, 0});
  EXPECT_EQ(difference.relative, 0);
  EXPECT_EQ(difference.cosine, 1);
  EXPECT_EQ(difference.verdict, Verdict::Good);
}

TEST(Difference, PositionsCountFromTheFirstItem) {
  Tensor tensor = Tensor::zeros(std::vector<int64_t>{2, 3, 4});
  EXPECT_EQ(describePosition(tensor, 0), "[0, 0, 0]");
  EXPECT_EQ(describePosition(tensor, 12 + 4 + 3, 6), "[7, 1, 3]");
}
