#include "oriel/data/Sampler.h"

#include "oriel/data/Error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

using namespace oriel::data;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<size_t> sorted(std::vector<size_t> indices) {
  std::sort(indices.begin(), indices.end());
  return indices;
}

TEST(SequentialSampler, CountsUp) {
  EXPECT_THAT(SequentialSampler(4)(0), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(SequentialSampler(4)(7), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(SequentialSampler(0)(0), IsEmpty());
}

TEST(RandomSampler, GivesAPermutationFixedBySeedAndEpoch) {
  for (size_t size : {0, 1, 2, 1000}) {
    EXPECT_EQ(sorted(RandomSampler(size, 5)(3)), SequentialSampler(size)(0));
    EXPECT_EQ(RandomSampler(size, 5)(3), RandomSampler(size, 5)(3));
  }
  EXPECT_NE(RandomSampler(1000, 5)(0), RandomSampler(1000, 5)(1));
  EXPECT_NE(RandomSampler(1000, 5)(0), RandomSampler(1000, 6)(0));
  EXPECT_NE(RandomSampler(1000, 5)(0), RandomSampler(1000, uint64_t(5) << 32)(0));
  EXPECT_NE(RandomSampler(1000, 5)(0), SequentialSampler(1000)(0));
}

// So that an order does not change with the standard library or a version of this one.
TEST(RandomSampler, GivesTheSameOrderOnEveryMachine) {
  EXPECT_THAT(RandomSampler(8, 1)(0), ElementsAre(7, 6, 0, 5, 2, 3, 1, 4));
}

// Each of the 24 permutations of 4 is binomial with mean 100 and deviation 9.8: 6 deviations.
TEST(RandomSampler, GivesEveryPermutationEquallyOften) {
  std::map<std::vector<size_t>, int> counts;
  for (uint64_t epoch = 0; epoch < 2400; ++epoch) {
    ++counts[RandomSampler(4, 9)(epoch)];
  }
  EXPECT_EQ(counts.size(), 24u);
  for (const auto &[order, count] : counts) {
    EXPECT_NEAR(count, 100, 6 * 9.8);
  }
}

TEST(SubsetSampler, GivesWhatItWasGiven) {
  EXPECT_THAT(SubsetSampler({7, 2, 2})(0), ElementsAre(7, 2, 2));
}

TEST(ShardSampler, SplitsEveryEpochWithoutOverlap) {
  RandomSampler whole(11, 3);
  for (uint64_t epoch : {0, 1}) {
    std::vector<size_t> all;
    for (size_t shard = 0; shard < 3; ++shard) {
      std::vector<size_t> part = ShardSampler(whole, shard, 3)(epoch);
      EXPECT_EQ(part.size(), shard < 2 ? 4u : 3u);
      all.insert(all.end(), part.begin(), part.end());
    }
    EXPECT_EQ(sorted(all), SequentialSampler(11)(0));
  }
  EXPECT_THAT(ShardSampler(SequentialSampler(2), 2, 3)(0), IsEmpty());
  EXPECT_THAT(ShardSampler(SequentialSampler(7), 1, 3)(0), ElementsAre(1, 4));
}

TEST(ShardSampler, RefusesAShardThatIsNotThere) {
  EXPECT_THROW(ShardSampler(SequentialSampler(2), 3, 3), Error);
  EXPECT_THROW(ShardSampler(SequentialSampler(2), 0, 0), Error);
}

} // namespace
