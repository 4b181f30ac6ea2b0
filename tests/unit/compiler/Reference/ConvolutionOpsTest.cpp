//===- ConvolutionOpsTest.cpp - Feature map ops against literal results ---===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;

TEST(Conv2DTest, FilterIsNotFlipped) {
  Tensor input({1, 1, 3, 1}, {1, 10, 100}), filter({1, 1, 1, 3}, {1, 2, 3});
  Tensor result =
      evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>}",
                 {input, filter}, {1, 1, 1, 1});
  EXPECT_THAT(result.values, ElementsAre(1 + 20 + 300));
}

TEST(Conv2DTest, PaddingIsZeroOnAllSides) {
  // Each result is the sum of the 3x3 neighbourhood in
  //   1 2 3
  //   4 5 6
  Tensor input({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6});
  Tensor filter({1, 1, 3, 3}, std::vector<float>(9, 1));
  Tensor result =
      evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 1, 1>, padding = array<i64: 1, 1>}",
                 {input, filter}, {1, 2, 3, 1});
  EXPECT_THAT(result.values, ElementsAre(12, 21, 16, 12, 21, 16));
}

TEST(Conv2DTest, StridesAndPaddingDifferByDimension) {
  // A 5x4 map, filter 2x1 of ones, stride 2 and 3, padding 1 row and no column: rows (-1,0), (1,2),
  // (3,4), columns 0 and 3.
  Tensor input = counting({1, 5, 4, 1});
  Tensor filter({1, 1, 2, 1}, {1, 1});
  Tensor result =
      evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 2, 3>, padding = array<i64: 1, 0>}",
                 {input, filter}, {1, 3, 2, 1});
  EXPECT_THAT(result.values, ElementsAre(0, 3, 4 + 8, 7 + 11, 12 + 16, 15 + 19));
}

TEST(Conv2DTest, InputChannelsAreSummedAndBiasIsAdded) {
  // Two pixels of two channels, three filters.
  Tensor input({1, 1, 2, 2}, {1, 2, 3, 4});
  Tensor filter({3, 2, 1, 1}, {1, 0, 0, 1, 10, 100}), bias({3}, {0.5, -0.5, 1000});
  Tensor result =
      evaluateOp("oriel.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>}",
                 {input, filter, bias}, {1, 1, 2, 3});
  EXPECT_THAT(result.values, ElementsAre(1.5, 1.5, 1210, 3.5, 3.5, 1430));
}

TEST(Conv2DTest, FilterDimensionsAreOutputInputRowColumn) {
  // One pixel under a 2x2 filter of two inputs and two outputs; filter values 0..15, the input one
  // at one place.
  Tensor filter = counting({2, 2, 2, 2});
  for (int place = 0; place < 8; ++place) {
    int y = place / 4, x = place / 2 % 2, i = place % 2;
    Tensor input = Tensor::zeros(std::vector<int64_t>{1, 2, 2, 2});
    input.at(0, y, x, i) = 1;
    Tensor result =
        evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>}",
                   {input, filter}, {1, 1, 1, 2});
    float first = 4 * i + 2 * y + x;
    EXPECT_THAT(result.values, ElementsAre(first, first + 8)) << "place " << place;
  }
}

TEST(Conv2DTest, GroupsSeeTheirOwnInputsOnly) {
  // Two groups of two inputs and one output; then two outputs.
  Tensor input({1, 1, 1, 4}, {1, 2, 3, 4});
  Tensor oneOutput({2, 2, 1, 1}, {1, 10, 100, 1000});
  Tensor result = evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 1, 1>, padding = "
                             "array<i64: 0, 0>, groups = 2 : i64}",
                             {input, oneOutput}, {1, 1, 1, 2});
  EXPECT_THAT(result.values, ElementsAre(21, 4300));
  Tensor twoOutputs({4, 2, 1, 1}, {1, 0, 0, 1, 1, 0, 0, 1}), bias({4}, {10, 20, 30, 40});
  result =
      evaluateOp("oriel.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, padding = array<i64: 0, "
                 "0>, groups = 2 : i64}",
                 {input, twoOutputs, bias}, {1, 1, 1, 4});
  EXPECT_THAT(result.values, ElementsAre(11, 22, 33, 44));
}

TEST(Conv2DTest, DepthwiseStrideTwo) {
  // Channel 0 counts 0, 2, 4, ...; channel 1 counts 1, 3, 5, ...; filters: the centre, and the sum
  // of the left column.
  Tensor input = counting({1, 3, 3, 2});
  Tensor filter({2, 1, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0});
  Tensor result = evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 2, 2>, padding = "
                             "array<i64: 1, 1>, groups = 2 : i64}",
                             {input, filter}, {1, 2, 2, 2});
  // Centres (0,0), (0,2), (2,0), (2,2); left columns are outside, then column 1 of rows 0..1
  // and 1..2.
  EXPECT_THAT(result.values, ElementsAre(0, 0, 4, 3 + 9, 12, 0, 16, 9 + 15));
}

TEST(Conv2DTest, BatchesAreIndependent) {
  Tensor input({2, 1, 1, 1}, {3, 5}), filter({1, 1, 3, 3}, {0, 0, 0, 0, 2, 0, 0, 0, 0});
  Tensor result =
      evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 1, 1>, padding = array<i64: 1, 1>}",
                 {input, filter}, {2, 1, 1, 1});
  EXPECT_THAT(result.values, ElementsAre(6, 10));
}

TEST(Conv2DTest, SumsInDoublePrecision) {
  // 2^24 + 1 + ... + 1 - 2^24 loses every one of the ones in float.
  std::vector<float> values(66, 1.0f);
  values.front() = 16777216.0f;
  values.back() = -16777216.0f;
  Tensor result =
      evaluateOp("oriel.conv2d %0, %1 {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>}",
                 {Tensor({1, 1, 1, 66}, values), Tensor({1, 66, 1, 1}, std::vector<float>(66, 1))},
                 {1, 1, 1, 1});
  EXPECT_THAT(result.values, ElementsAre(64));
}

TEST(BatchNormTest, NormalisesByChannel) {
  // Channel 0: (x - 1) / sqrt(3 + 1) * 2 + 10; channel 1: (x + 1) / sqrt(15 + 1) * -4 + 0.
  Tensor input({1, 1, 2, 2}, {1, 1, 5, 3});
  Tensor result = evaluateOp("oriel.batch_norm %0, %1, %2, %3, %4 {epsilon = 1.0 : f64}",
                             {input, Tensor({2}, {2, -4}), Tensor({2}, {10, 0}),
                              Tensor({2}, {1, -1}), Tensor({2}, {3, 15})},
                             {1, 1, 2, 2});
  EXPECT_THAT(result.values, ElementsAre(10, -2, 14, -4));
}

TEST(ConcatTest, JoinsChannelsInOrder) {
  Tensor a({1, 2, 1}, {1, 2}), b({1, 2, 2}, {10, 20, 30, 40}), c({1, 2, 1}, {100, 200});
  Tensor result = evaluateOp("oriel.concat %0, %1, %2", {a, b, c}, {1, 2, 4});
  EXPECT_THAT(result.values, ElementsAre(1, 10, 20, 100, 2, 30, 40, 200));
}

TEST(NormalizeImageTest, EachChannelHasItsMeanAndDeviation) {
  Tensor pixels({1, 1, 2, 3}, {255, 0, 51, 0, 255, 102});
  Tensor result = evaluateOp("oriel.normalize_image %0 {mean = array<f64: 0.5, 0.25, 0.2>, "
                             "std = array<f64: 0.5, 0.25, 2.0>}",
                             {pixels}, {1, 1, 2, 3}, "ui8");
  EXPECT_THAT(result.values, ElementsAre(1, -1, 0, -1, 3, 0.1f));
}

TEST(GlobalAvgPoolTest, AveragesPositionsOfEachImageAndChannel) {
  Tensor input({2, 1, 3, 2}, {1, 10, 2, 20, 6, 30, 3, 1, 3, 1, 3, 4});
  Tensor result = evaluateOp("oriel.global_avg_pool %0", {input}, {2, 2});
  EXPECT_THAT(result.values, ElementsAre(3, 20, 3, 2));
}

TEST(PermuteTest, ChannelFirstToChannelLast) {
  Tensor result = evaluateOp("oriel.permute %0 {permutation = array<i64: 0, 2, 3, 1>}",
                             {counting({1, 2, 2, 3})}, {1, 2, 3, 2});
  EXPECT_THAT(result.values, ElementsAre(0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11));
}

TEST(PermuteTest, ResultDimensionIsTheInputDimensionNamed) {
  // A rotation of three dimensions is not its own inverse.
  Tensor result = evaluateOp("oriel.permute %0 {permutation = array<i64: 2, 0, 1>}",
                             {counting({2, 3, 1})}, {1, 2, 3});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 2, 3, 4, 5));
  result = evaluateOp("oriel.permute %0 {permutation = array<i64: 1, 2, 0>}", {counting({2, 3, 1})},
                      {3, 1, 2});
  EXPECT_THAT(result.values, ElementsAre(0, 3, 1, 4, 2, 5));
}
