//===- ParameterOpsTest.cpp - Parameter arithmetic against literal results ===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::ElementsAreArray;

TEST(BatchNormScaleTest, DividesByTheDeviation) {
  Tensor result = evaluateOp("oriel.batch_norm_scale %0, %1 {epsilon = 1.0 : f64}",
                             {Tensor({2}, {6, -1}), Tensor({2}, {8, 0})}, {2});
  EXPECT_THAT(result.values, ElementsAre(2, -1));
}

TEST(BatchNormOffsetTest, MovesTheMeanIntoTheBias) {
  Tensor beta({2}, {1, 2}), mean({2}, {3, 4}), scale({2}, {10, 100}), bias({2}, {5, 4.5});
  EXPECT_THAT(evaluateOp("oriel.batch_norm_offset %0, %1, %2", {beta, mean, scale}, {2}).values,
              ElementsAre(-29, -398));
  EXPECT_THAT(
      evaluateOp("oriel.batch_norm_offset %0, %1, %2, %3", {beta, mean, scale, bias}, {2}).values,
      ElementsAre(21, 52));
}

TEST(ScaleFiltersTest, EachOutputChannelHasItsFactor) {
  Tensor result = evaluateOp("oriel.scale_filters %0, %1",
                             {counting({2, 1, 1, 2}, 1), Tensor({2}, {10, -1})}, {2, 1, 1, 2});
  EXPECT_THAT(result.values, ElementsAre(10, 20, -3, -4));
}

TEST(RelativePositionBiasTest, WindowOfTwoByTwo) {
  // Table rows count (dy, dx) from (-1, -1) to (1, 1), query minus key; tokens (0,0), (0,1), (1,0),
  // (1,1).
  Tensor result = evaluateOp("oriel.relative_position_bias %0 {window = array<i64: 2, 2>}",
                             {counting({9, 1})}, {1, 4, 4});
  EXPECT_THAT(result.values, ElementsAre(4, 3, 1, 0, //
                                         5, 4, 2, 1, //
                                         7, 6, 4, 3, //
                                         8, 7, 5, 4));
}

TEST(RelativePositionBiasTest, OblongWindowAndTwoHeads) {
  // Window 1x3: dx = -2..2; column h of the table belongs to head h.
  Tensor table({5, 2}, {0, 10, 1, 11, 2, 12, 3, 13, 4, 14});
  Tensor result =
      evaluateOp("oriel.relative_position_bias %0 {window = array<i64: 1, 3>}", {table}, {2, 3, 3});
  EXPECT_THAT(result.values,
              ElementsAre(2, 1, 0, 3, 2, 1, 4, 3, 2, 12, 11, 10, 13, 12, 11, 14, 13, 12));
}

TEST(ShiftMaskTest, WindowsOfTwoShiftedByOne) {
  // The regions of a 4x4 map in windows of 2x2, shifted by (1, 1), after
  // microsoft/Swin-Transformer:
  //   0 0 | 1 2
  //   0 0 | 1 2
  //   ----+----
  //   3 3 | 4 5
  //   6 6 | 7 8
  Tensor result = evaluateOp("oriel.shift_mask {map = array<i64: 4, 4>, window = array<i64: 2, 2>, "
                             "shift = array<i64: 1, 1>}",
                             {}, {4, 1, 4, 4});
  constexpr float m = -100;
  EXPECT_THAT(result.values, ElementsAreArray<float>({
                                 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // interior
                                 0, m, 0, m, m, 0, m, 0, 0, m, 0, m, m, 0, m, 0, // last column
                                 0, 0, m, m, 0, 0, m, m, m, m, 0, 0, m, m, 0, 0, // last row
                                 0, m, m, m, m, 0, m, m, m, m, 0, m, m, m, m, 0  // corner
                             }));
}

TEST(ShiftMaskTest, MapOfThreeByOneWindowsShiftedInOneDimension) {
  // Windows of 1x3, shift 1 in x: a map of 3x3 has one column of windows, each of whose last token
  // came round.
  constexpr float m = -100;
  std::vector<float> window = {0, 0, m, 0, 0, m, m, m, 0}, expected;
  for (int i = 0; i < 3; ++i) {
    expected.insert(expected.end(), window.begin(), window.end());
  }
  Tensor result = evaluateOp("oriel.shift_mask {map = array<i64: 3, 3>, window = array<i64: 1, 3>, "
                             "shift = array<i64: 0, 1>}",
                             {}, {3, 1, 3, 3});
  EXPECT_THAT(result.values, ElementsAreArray(expected));
}

TEST(ShiftMaskTest, ClassesAreThoseOfTheLastWindows) {
  // Six windows of 2x1, shift 1 in y: classes 2 and 3 (last row) keep their two tokens apart.
  constexpr float m = -100;
  Tensor result = evaluateOp("oriel.shift_mask {by_class, map = array<i64: 4, 3>, window = "
                             "array<i64: 2, 1>, shift = array<i64: 1, 0>}",
                             {}, {4, 1, 2, 2});
  EXPECT_THAT(result.values,
              ElementsAreArray<float>({0, 0, 0, 0, 0, 0, 0, 0, 0, m, m, 0, 0, m, m, 0}));
}

TEST(ShiftMaskTest, WithoutShiftAllTokensAttend) {
  Tensor result = evaluateOp("oriel.shift_mask {map = array<i64: 2, 4>, window = array<i64: 2, 2>, "
                             "shift = array<i64: 0, 0>}",
                             {}, {2, 1, 4, 4});
  EXPECT_THAT(result.values, testing::Each(0));
}
