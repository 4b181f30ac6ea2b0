//===- WindowOpsTest.cpp - Window movement against literal results --------===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;

TEST(RollTest, ShiftsTowardsHigherIndicesAndWrapsAround) {
  // 0 1 2      5 3 4
  // 3 4 5  ->  2 0 1    by 1 and 1, as torch.roll
  Tensor result = evaluateOp("oriel.roll %0 {shift = array<i64: 1, 1>}", {counting({1, 2, 3, 1})},
                             {1, 2, 3, 1});
  EXPECT_THAT(result.values, ElementsAre(5, 3, 4, 2, 0, 1));
}

TEST(RollTest, NegativeShiftsAndShiftsBeyondTheMap) {
  Tensor map = counting({1, 1, 4, 1});
  EXPECT_THAT(evaluateOp("oriel.roll %0 {shift = array<i64: 0, -1>}", {map}, {1, 1, 4, 1}).values,
              ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(evaluateOp("oriel.roll %0 {shift = array<i64: 3, -9>}", {map}, {1, 1, 4, 1}).values,
              ElementsAre(1, 2, 3, 0));
}

TEST(RollTest, MovesWholePixelsOfEachImage) {
  Tensor result = evaluateOp("oriel.roll %0 {shift = array<i64: 1, 0>}", {counting({2, 2, 1, 2})},
                             {2, 2, 1, 2});
  EXPECT_THAT(result.values, ElementsAre(2, 3, 0, 1, 6, 7, 4, 5));
}

TEST(WindowPartitionTest, WindowsAndTheirTokensAreRowMajor) {
  // A 4x6 map in windows of 2x3:
  //    0  1  2 |  3  4  5
  //    6  7  8 |  9 10 11
  //   ---------+---------
  //   12 13 14 | 15 16 17
  //   18 19 20 | 21 22 23
  Tensor result = evaluateOp("oriel.window_partition %0 {window = array<i64: 2, 3>}",
                             {counting({1, 4, 6, 1})}, {1, 4, 6, 1});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 2, 6, 7, 8,         // top left
                                         3, 4, 5, 9, 10, 11,       // top right
                                         12, 13, 14, 18, 19, 20,   // bottom left
                                         15, 16, 17, 21, 22, 23)); // bottom right
}

TEST(WindowPartitionTest, KeepsChannelsTogether) {
  Tensor result = evaluateOp("oriel.window_partition %0 {window = array<i64: 2, 1>}",
                             {counting({1, 2, 2, 2})}, {1, 2, 2, 2});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 4, 5, 2, 3, 6, 7));
}

TEST(WindowReverseTest, PutsWindowsBack) {
  Tensor windows({1, 4, 2, 1}, {0, 4, 1, 5, 2, 6, 3, 7});
  Tensor result =
      evaluateOp("oriel.window_reverse %0 {window = array<i64: 2, 1>, map = array<i64: 2, 4>}",
                 {windows}, {1, 2, 4, 1});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(WindowReverseTest, MapDecidesHowManyWindowsARowHas) {
  Tensor windows = counting({1, 2, 2, 1});
  EXPECT_THAT(
      evaluateOp("oriel.window_reverse %0 {window = array<i64: 1, 2>, map = array<i64: 2, 2>}",
                 {windows}, {1, 2, 2, 1})
          .values,
      ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(
      evaluateOp("oriel.window_reverse %0 {window = array<i64: 2, 1>, map = array<i64: 2, 2>}",
                 {windows}, {1, 2, 2, 1})
          .values,
      ElementsAre(0, 2, 1, 3));
}

TEST(UnfoldPatchesTest, GroupsHoldOnePositionOfEveryPatch) {
  // A 4x4 map in patches of 2x2; group 0 holds every patch's top left pixel.
  Tensor result = evaluateOp("oriel.unfold_patches %0 {patch = array<i64: 2, 2>}",
                             {counting({1, 4, 4, 1})}, {1, 4, 4, 1});
  EXPECT_THAT(result.values, ElementsAre(0, 2, 8, 10,    // (0, 0)
                                         1, 3, 9, 11,    // (0, 1)
                                         4, 6, 12, 14,   // (1, 0)
                                         5, 7, 13, 15)); // (1, 1)
}

TEST(UnfoldPatchesTest, PatchesOfOtherShapes) {
  // A 2x4 map in patches of 1x2.
  Tensor result = evaluateOp("oriel.unfold_patches %0 {patch = array<i64: 1, 2>}",
                             {counting({1, 2, 4, 1})}, {1, 2, 4, 1});
  EXPECT_THAT(result.values, ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
}

TEST(FoldPatchesTest, PutsGroupsBack) {
  Tensor groups({1, 2, 4, 2}, {0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15});
  Tensor result =
      evaluateOp("oriel.fold_patches %0 {patch = array<i64: 1, 2>, map = array<i64: 2, 4>}",
                 {groups}, {1, 2, 4, 2});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

TEST(PatchMergeTest, JoinsEachPatchColumnByColumn) {
  // Pixels (0,0), (1,0), (0,1), (1,1) of
  //   01 23 | 45 67
  //   89 ab | cd ef      (two channels a pixel)
  Tensor result = evaluateOp("oriel.patch_merge %0", {counting({1, 2, 4, 2})}, {1, 1, 2, 8});
  EXPECT_THAT(result.values, ElementsAre(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
}
