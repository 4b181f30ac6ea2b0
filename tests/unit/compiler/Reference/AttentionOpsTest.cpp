//===- AttentionOpsTest.cpp - Attention ops against literal results -------===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::FloatEq;

TEST(SplitHeadsTest, PartsComeBeforeHeadsBeforeChannels) {
  // One token of 3 parts x 2 heads x 2 channels; a second token 100 higher.
  Tensor tokens = counting({1, 1, 2, 12});
  for (int64_t c = 0; c < 12; ++c) {
    tokens.at(0, 0, 1, c) = 100 + c;
  }
  EXPECT_THAT(evaluateOp("oriel.split_heads %0 {heads = 2 : i64, part = 0 : i64, parts = 3 : i64}",
                         {tokens}, {1, 1, 2, 2, 2})
                  .values,
              ElementsAre(0, 1, 100, 101, 2, 3, 102, 103));
  EXPECT_THAT(evaluateOp("oriel.split_heads %0 {heads = 2 : i64, part = 2 : i64, parts = 3 : i64}",
                         {tokens}, {1, 1, 2, 2, 2})
                  .values,
              ElementsAre(8, 9, 108, 109, 10, 11, 110, 111));
}

TEST(MergeHeadsTest, HeadsComeBeforeChannels) {
  // [1, 1, heads 2, tokens 3, 2]
  Tensor result = evaluateOp("oriel.merge_heads %0", {counting({1, 1, 2, 3, 2})}, {1, 1, 3, 4});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11));
}

TEST(MatmulTest, MultipliesPairwise) {
  // (1 2 3) * ((1, 0), (10, 1), (100, 2)) and (4 5 6) * ((1, 1), (0, 1), (0, 1))
  Tensor lhs({2, 1, 3}, {1, 2, 3, 4, 5, 6}),
      rhs({2, 3, 2}, {1, 0, 10, 1, 100, 2, 1, 1, 0, 1, 0, 1});
  EXPECT_THAT(evaluateOp("oriel.matmul %0, %1", {lhs, rhs}, {2, 1, 2}).values,
              ElementsAre(321, 8, 4, 15));
}

TEST(MatmulTest, TransposedRhs) {
  Tensor lhs({2, 2}, {1, 2, 3, 4}), rhs({3, 2}, {1, 0, 0, 1, 10, 100});
  EXPECT_THAT(evaluateOp("oriel.matmul %0, %1 {transpose_rhs}", {lhs, rhs}, {2, 3}).values,
              ElementsAre(1, 2, 210, 3, 4, 430));
}

TEST(SoftmaxTest, RowsSumToOne) {
  // exp: 1, 3 and 1, 1 after subtraction of the maximum.
  Tensor input({2, 2}, {0, 1.0986122886681098f, 7, 7});
  EXPECT_THAT(evaluateOp("oriel.softmax %0", {input}, {2, 2}).values,
              ElementsAre(FloatEq(0.25), FloatEq(0.75), 0.5, 0.5));
}

TEST(SoftmaxTest, LargeAndMaskedScoresStayFinite) {
  Tensor input({1, 3}, {1000, 900, 1000});
  EXPECT_THAT(evaluateOp("oriel.softmax %0", {input}, {1, 3}).values,
              ElementsAre(0.5, FloatEq(1.8600380e-44), 0.5));
}

TEST(AddWindowBiasTest, TableIsChosenByTheWindowsClass) {
  // 2x3 windows of one token; classes are interior 0, last column 1, last row 2, both 3.
  Tensor scores = Tensor::zeros(std::vector<int64_t>{1, 6, 1, 1, 1});
  Tensor table({4, 1, 1, 1}, {10, 11, 12, 13});
  Tensor result = evaluateOp("oriel.add_window_bias %0, %1 {windows = array<i64: 2, 3>}",
                             {scores, table}, {1, 6, 1, 1, 1});
  EXPECT_THAT(result.values, ElementsAre(10, 10, 11, 12, 12, 13));
}

TEST(AddWindowBiasTest, AMapOfOneWindowIsOfTheLastClass) {
  Tensor result = evaluateOp("oriel.add_window_bias %0, %1 {windows = array<i64: 1, 1>}",
                             {Tensor({1, 1, 1, 1, 1}, {5}), Tensor({4, 1, 1, 1}, {10, 11, 12, 13})},
                             {1, 1, 1, 1, 1});
  EXPECT_THAT(result.values, ElementsAre(18));
}

TEST(AddWindowBiasTest, OneClassForAllWindowsAndOneTableForEachHead) {
  // Two images of two windows, two heads, T = 1.
  Tensor result =
      evaluateOp("oriel.add_window_bias %0, %1 {windows = array<i64: 1, 2>}",
                 {counting({2, 2, 2, 1, 1}), Tensor({1, 2, 1, 1}, {100, 200})}, {2, 2, 2, 1, 1});
  EXPECT_THAT(result.values, ElementsAre(100, 201, 102, 203, 104, 205, 106, 207));
}

TEST(AddWindowBiasTest, OneTableForAllHeads) {
  Tensor result = evaluateOp("oriel.add_window_bias %0, %1 {windows = array<i64: 1, 1>}",
                             {counting({1, 1, 2, 2, 2}), Tensor({1, 1, 2, 2}, {10, 20, 30, 40})},
                             {1, 1, 2, 2, 2});
  EXPECT_THAT(result.values, ElementsAre(10, 21, 32, 43, 14, 25, 36, 47));
}
