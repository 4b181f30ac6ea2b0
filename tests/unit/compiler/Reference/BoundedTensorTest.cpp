//===- BoundedTensorTest.cpp - What counts as a mismatch ------------------===//

#include "compiler/Reference/BoundedTensor.h"

#include "gmock/gmock.h"

#include <limits>

using namespace oriel;
using testing::HasSubstr;

TEST(BoundedTensorTest, NotANumberIsAMismatch) {
  BoundedTensor expected{Tensor({2}, {1, 2}), Tensor({2}, {0.5, 0.5})};
  EXPECT_EQ(describeMismatch(Tensor({2}, {1.5, 1.5}), expected), "");
  EXPECT_THAT(describeMismatch(Tensor({2}, {1, std::numeric_limits<float>::quiet_NaN()}), expected),
              HasSubstr("element 1"));
  EXPECT_THAT(describeMismatch(Tensor({2}, {1, std::numeric_limits<float>::infinity()}), expected),
              HasSubstr("element 1"));
  EXPECT_EQ(describeMismatch(Tensor({1}, {1}), expected), "shapes differ");
}

TEST(BoundedTensorTest, AValueWithoutAnErrorMayHaveABoundOfZero) {
  BoundedTensor expected{Tensor({2}, {1, 2}), Tensor::zeros(std::vector<int64_t>{2})};
  EXPECT_EQ(describeMismatch(expected.value, expected), "");
  EXPECT_THAT(describeMismatch(Tensor({2}, {1, 2.0000002f}), expected), HasSubstr("element 1"));
}
