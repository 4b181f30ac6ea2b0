//===- RowPermutationTest.cpp ---------------------------------------------===//

#include "tools/oriel-compare/RowPermutation.h"

#include "compiler/Reference/RandomTensors.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>
#include <random>

using namespace oriel;

static Tensor shuffleRows(const Tensor &tensor, std::vector<int64_t> &order) {
  order.resize(static_cast<size_t>(tensor.rowCount()));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 engine(1);
  std::shuffle(order.begin(), order.end(), engine);
  return permuteRows(tensor, order, tensor);
}

TEST(RowPermutation, IsFoundThroughRounding) {
  Tensor tensor = makeRandomTensor({3000, 24}, 1);
  std::vector<int64_t> order;
  Tensor shuffled = shuffleRows(tensor, order);
  for (float &value : shuffled.values) {
    value *= 1 + 0x1p-20F;
  }
  auto found = findRowPermutation(shuffled, tensor);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, order);
  EXPECT_EQ(permuteRows(tensor, *found, shuffled).shape, shuffled.shape);
}

TEST(RowPermutation, OfEqualRowsIsAnyThatGivesTheTensor) {
  Tensor tensor({6, 2}, {1, 2, 3, 4, 1, 2, 3, 4, 0, 0, 1, 2});
  std::vector<int64_t> order;
  Tensor shuffled = shuffleRows(tensor, order);
  auto found = findRowPermutation(shuffled, tensor);
  ASSERT_TRUE(found);
  EXPECT_EQ(permuteRows(tensor, *found, shuffled).values, shuffled.values);
}

TEST(RowPermutation, IsNotFoundWhereARowIsAnother) {
  Tensor tensor = makeRandomTensor({100, 8}, 1);
  std::vector<int64_t> order;
  Tensor shuffled = shuffleRows(tensor, order);
  shuffled.values[77] += 0.01F;
  EXPECT_FALSE(findRowPermutation(shuffled, tensor));
  EXPECT_FALSE(findRowPermutation(tensor, makeRandomTensor({200, 4}, 1)));
}
