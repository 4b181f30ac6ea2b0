#include "runtime/format/Float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace oriel;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

TEST(Float16, EveryNumberIsWhatItsFieldsSay) {
  for (int bits = 0; bits < 0x7c00; ++bits) {
    int exponent = bits >> 10, fraction = bits & 0x3ff;
    double value =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 15 - 10);
    EXPECT_EQ(fromFloat16(uint16_t(bits)), value) << bits;
    EXPECT_EQ(fromFloat16(uint16_t(bits | 0x8000)), -value) << bits;
    EXPECT_EQ(std::signbit(fromFloat16(uint16_t(bits | 0x8000))), true) << bits;
  }
  EXPECT_EQ(fromFloat16(0x7c00), infinite);
  EXPECT_EQ(fromFloat16(0xfc00), -infinite);
  EXPECT_TRUE(std::isnan(fromFloat16(0x7e00)));
  EXPECT_TRUE(std::isnan(fromFloat16(0x7c01)));
}

TEST(Float16, EveryNumberSurvives) {
  for (int bits = 0; bits <= 0xffff; ++bits) {
    if ((bits & 0x7fff) <= 0x7c00) {
      EXPECT_EQ(toFloat16(fromFloat16(uint16_t(bits))), bits);
    }
  }
}

// As rounding never changes an order, what happens around each middle between two neighbours says
// all. Behind the largest number, 65504, comes infinity, as if it were 65536.
TEST(Float16, RoundsToTheNearestAndTiesToEven) {
  for (int bits = 0; bits < 0x7c00; ++bits) {
    double upper = bits + 1 == 0x7c00 ? 65536 : fromFloat16(uint16_t(bits + 1));
    auto middle = float((fromFloat16(uint16_t(bits)) + upper) / 2);
    int even = bits % 2 == 0 ? bits : bits + 1;
    for (int sign : {0, 0x8000}) {
      float factor = sign != 0 ? -1.0f : 1.0f;
      EXPECT_EQ(toFloat16(factor * middle), sign | even) << bits;
      EXPECT_EQ(toFloat16(factor * std::nextafter(middle, 0.0f)), sign | bits) << bits;
      EXPECT_EQ(toFloat16(factor * std::nextafter(middle, infinite)), sign | (bits + 1)) << bits;
    }
  }
}

TEST(Float16, KeepsWhatIsNoNumber) {
  EXPECT_EQ(toFloat16(infinite), 0x7c00);
  EXPECT_EQ(toFloat16(-infinite), 0xfc00);
  EXPECT_EQ(toFloat16(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(toFloat16(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_TRUE(std::isnan(fromFloat16(toFloat16(std::numeric_limits<float>::quiet_NaN()))));
}

} // namespace
