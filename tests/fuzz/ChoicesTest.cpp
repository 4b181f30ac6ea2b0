//===- ChoicesTest.cpp - The decisions of a generator ---------------------===//

#include "tests/fuzz/Choices.h"

#include "gmock/gmock.h"

using namespace oriel::fuzz;
using testing::ElementsAre;

TEST(ChoicesTest, ReplayedNumbersGiveTheSameDecisions) {
  Choices drawn(/*seed=*/7);
  std::vector<int64_t> decisions;
  for (int64_t count : {2, 10, 3, 1000}) {
    decisions.push_back(drawn.below(count));
  }
  Choices replayed(drawn.getTaken().numbers);
  for (auto [index, count] : llvm::enumerate(std::vector<int64_t>{2, 10, 3, 1000})) {
    EXPECT_EQ(replayed.below(count), decisions[index]);
  }
}

TEST(ChoicesTest, AReplayTakesTheLargestForWhatIsTooLargeAndZeroBehindItsEnd) {
  Choices choices(std::vector<uint32_t>{9, 1});
  EXPECT_EQ(choices.below(4), 3);
  EXPECT_EQ(choices.below(4), 1);
  EXPECT_EQ(choices.below(4), 0);
  EXPECT_FALSE(choices.oneIn(2));
  EXPECT_THAT(choices.getTaken().numbers, ElementsAre(3, 1, 0, 0));
}

TEST(ChoicesTest, EveryNumberBelowTheCountIsDrawn) {
  Choices choices(/*seed=*/1);
  std::vector<int> seen(7);
  for (int i = 0; i < 1000; ++i) {
    ++seen[static_cast<size_t>(choices.below(7))];
  }
  EXPECT_THAT(seen, testing::Each(testing::Gt(80)));
}
