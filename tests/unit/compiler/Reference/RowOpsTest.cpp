//===- RowOpsTest.cpp - Ops on rows and elements against literal results --===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::FloatEq;

TEST(SiluTest, IsXTimesSigmoid) {
  Tensor result = evaluateOp("oriel.silu %0", {Tensor({5}, {0, 1, -1, 2, -100})}, {5});
  EXPECT_THAT(result.values,
              ElementsAre(0, FloatEq(0.73105857863000490), FloatEq(-0.2689414213699951),
                          FloatEq(1.7615941559557649), FloatEq(-3.7200759760208356e-42)));
}

TEST(GeluTest, IsTheExactForm) {
  Tensor result = evaluateOp("oriel.gelu %0", {Tensor({4}, {0, 1, -1, 3})}, {4});
  // x * Phi(x); the tanh approximation gives 0.84119 for 1.
  EXPECT_THAT(result.values,
              ElementsAre(0, FloatEq(0.84134474606854293), FloatEq(-0.15865525393145707),
                          FloatEq(2.9959503059051097)));
}

TEST(ScaleTest, MultipliesInDouble) {
  Tensor result = evaluateOp("oriel.scale %0 {factor = 0.1 : f64}", {Tensor({2}, {3, -10})}, {2});
  EXPECT_THAT(result.values, ElementsAre(0.3f, -1.0f));
}

TEST(AddTest, EqualShapes) {
  Tensor result = evaluateOp("oriel.add %0, %1", {Tensor({2}, {1, 2}), Tensor({2}, {10, 20})}, {2});
  EXPECT_THAT(result.values, ElementsAre(11, 22));
}

TEST(AddTest, ShapesAreAlignedAtTheLastDimension) {
  Tensor matrix({2, 3}, {1, 2, 3, 4, 5, 6}), row({3}, {10, 20, 30});
  EXPECT_THAT(evaluateOp("oriel.add %0, %1", {matrix, row}, {2, 3}).values,
              ElementsAre(11, 22, 33, 14, 25, 36));
  EXPECT_THAT(evaluateOp("oriel.add %0, %1", {row, matrix}, {2, 3}).values,
              ElementsAre(11, 22, 33, 14, 25, 36));
}

TEST(AddTest, BothOperandsAreRepeated) {
  Tensor column({2, 1}, {1, 2}), row({1, 3}, {10, 20, 30});
  EXPECT_THAT(evaluateOp("oriel.add %0, %1", {column, row}, {2, 3}).values,
              ElementsAre(11, 21, 31, 12, 22, 32));
}

TEST(AddTest, AMiddleDimensionIsRepeated) {
  Tensor scores = counting({2, 2, 2}), mask({2, 1, 2}, {100, 200, 300, 400});
  EXPECT_THAT(evaluateOp("oriel.add %0, %1", {scores, mask}, {2, 2, 2}).values,
              ElementsAre(100, 201, 102, 203, 304, 405, 306, 407));
}

TEST(LayerNormTest, NormalisesEachRowWithItsBiasedVariance) {
  // Row 1: mean 4, variance (9 + 1 + 1 + 9) / 4 = 5, with epsilon 4: 3. Row 2: mean 0, variance 5.
  Tensor input({2, 4}, {1, 3, 5, 7, -3, -1, 1, 3});
  Tensor gamma({4}, {3, 6, 9, 12}), beta({4}, {0, 0, 0, 1});
  Tensor result =
      evaluateOp("oriel.layer_norm %0, %1, %2 {epsilon = 4.0 : f64}", {input, gamma, beta}, {2, 4});
  EXPECT_THAT(result.values, ElementsAre(-3, -2, 3, 13, -3, -2, 3, 13));
}

TEST(LayerNormTest, LargeMeanDoesNotCancelTheVariance) {
  // Variance 1 beside a mean of 2^23; mean(x^2) - mean(x)^2 has no digit of it in float.
  Tensor input({1, 2}, {8388607, 8388609}), one({2}, {1, 1}), zero({2}, {0, 0});
  Tensor result =
      evaluateOp("oriel.layer_norm %0, %1, %2 {epsilon = 0.0 : f64}", {input, one, zero}, {1, 2});
  EXPECT_THAT(result.values, ElementsAre(-1, 1));
}

TEST(LinearTest, WeightIsOutputsByInputs) {
  Tensor input({2, 3}, {1, 2, 3, 4, 5, 6}), weight({2, 3}, {1, 10, 100, 0, 0, 1}),
      bias({2}, {0.5, -1});
  EXPECT_THAT(evaluateOp("oriel.linear %0, %1", {input, weight}, {2, 2}).values,
              ElementsAre(321, 3, 654, 6));
  EXPECT_THAT(evaluateOp("oriel.linear %0, %1, %2", {input, weight, bias}, {2, 2}).values,
              ElementsAre(321.5, 2, 654.5, 5));
}

TEST(LinearTest, RowsOfAnyRank) {
  Tensor weight({1, 2}, {1, -1});
  EXPECT_THAT(evaluateOp("oriel.linear %0, %1", {Tensor({2}, {5, 3}), weight}, {1}).values,
              ElementsAre(2));
  EXPECT_THAT(
      evaluateOp("oriel.linear %0, %1", {Tensor({2, 1, 1, 2}, {5, 3, 1, 9}), weight}, {2, 1, 1, 1})
          .values,
      ElementsAre(2, -8));
}

TEST(LinearTest, MoreRowsAndColumnsThanABlockOfSums) {
  // x[m][k] = m and weight[n][k] = n: each sum is 2 m n. 11 rows and 130 columns leave tails of
  // both blocks.
  Tensor input = Tensor::zeros(std::vector<int64_t>{11, 2}),
         weight = Tensor::zeros(std::vector<int64_t>{130, 2});
  for (size_t i = 0; i < input.values.size(); ++i) {
    input.values[i] = i / 2;
  }
  for (size_t i = 0; i < weight.values.size(); ++i) {
    weight.values[i] = i / 2;
  }
  Tensor result = evaluateOp("oriel.linear %0, %1", {input, weight}, {11, 130});
  for (int64_t m = 0; m < 11; ++m) {
    for (int64_t n = 0; n < 130; ++n) {
      ASSERT_EQ(result.at(m, n), 2 * m * n) << m << ", " << n;
    }
  }
}
