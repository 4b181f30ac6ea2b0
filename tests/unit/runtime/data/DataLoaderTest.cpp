#include "oriel/data/DataLoader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <numeric>

using namespace oriel::data;
using testing::ElementsAre;

namespace {

/// A dataset of one's own: sample i is `get(i)`.
template <typename Get>
struct Generated {
  size_t count;
  std::function<Get> function;

  size_t size() const { return count; }
  auto get(size_t index) const { return function(index); }
};
using Numbers = Generated<size_t(size_t)>;

/// A collate function of one's own.
struct KeepNumbers {
  std::vector<size_t> operator()(std::vector<size_t> samples) const { return samples; }
};
using Loader = DataLoader<Numbers, KeepNumbers>;
using Batches = std::vector<std::vector<size_t>>;

size_t square(size_t index) { return index * index; }

template <typename Range>
Batches collectBatches(Range &&range) {
  Batches batches;
  for (std::vector<size_t> &batch : range) {
    batches.push_back(std::move(batch));
  }
  return batches;
}

class DataLoaderWorkers : public testing::TestWithParam<int> {
protected:
  LoaderOptions options(size_t batchSize, size_t prefetch = 3) const {
    return {.batchSize = batchSize, .workers = GetParam(), .prefetch = prefetch};
  }
};
INSTANTIATE_TEST_SUITE_P(Counts, DataLoaderWorkers, testing::Values(0, 1, 2, 7));

TEST_P(DataLoaderWorkers, GiveTheSamplesInTheSamplersOrder) {
  for (size_t size : {0, 1, 5, 6, 7, 100}) {
    Numbers numbers = {size, square};
    for (size_t batchSize : {1, 3, 200}) {
      for (size_t prefetch : {1, 2, 50}) {
        Loader loader(numbers, RandomSampler(size, 7), options(batchSize, prefetch));
        for (uint64_t epoch : {0, 1}) {
          std::vector<size_t> expected = RandomSampler(size, 7)(epoch), actual;
          for (const std::vector<size_t> &batch : loader) {
            EXPECT_EQ(batch.size(), std::min(batchSize, size - actual.size()));
            actual.insert(actual.end(), batch.begin(), batch.end());
          }
          std::transform(expected.begin(), expected.end(), expected.begin(), square);
          EXPECT_EQ(actual, expected);
        }
      }
    }
  }
}

TEST_P(DataLoaderWorkers, RepeatAnEpochByItsNumber) {
  Numbers numbers = {40, square};
  Loader loader(numbers, RandomSampler(40, 1), options(7));
  Batches first = collectBatches(loader), second = collectBatches(loader);
  EXPECT_NE(first, second);
  EXPECT_EQ(collectBatches(loader.epoch(0)), first);
  EXPECT_EQ(collectBatches(loader.epoch(1)), second);
}

TEST_P(DataLoaderWorkers, DropAnIncompleteBatchOnRequest) {
  Numbers numbers = {7, square};
  for (bool dropLast : {false, true}) {
    LoaderOptions some = options(3);
    some.dropLast = dropLast;
    Loader loader(numbers, some);
    EXPECT_EQ(loader.size(), dropLast ? 2u : 3u);
    Batches expected = {{0, 1, 4}, {9, 16, 25}, {36}};
    expected.resize(loader.size());
    EXPECT_EQ(collectBatches(loader), expected);
  }
}

TEST_P(DataLoaderWorkers, GiveAnErrorInItsPlace) {
  std::atomic<int> calls = 0;
  Numbers numbers = {1000, [&](size_t index) {
                       ++calls;
                       // Both in batch 4; the first one counts, whichever ends first.
                       if (index == 17 || index == 19) {
                         throw Error("sample " + std::to_string(index));
                       }
                       return index;
                     }};
  Loader loader(numbers, options(4));
  size_t taken = 0;
  try {
    for (const std::vector<size_t> &batch : loader) {
      EXPECT_EQ(batch[0], 4 * taken);
      ++taken;
    }
    ADD_FAILURE() << "no error";
  } catch (const Error &error) {
    EXPECT_STREQ(error.what(), "sample 17");
  }
  EXPECT_EQ(taken, 4u);
  // Nothing beyond the batches that may be in work was loaded in vain.
  EXPECT_LE(calls, (4 + 3) * 4);
}

TEST_P(DataLoaderWorkers, GiveWhatCollateThrows) {
  Numbers numbers = {10, square};
  auto refuse = [](std::vector<size_t> samples) {
    if (samples[0] == 16) {
      throw std::runtime_error("no batch");
    }
    return samples;
  };
  DataLoader<Numbers, decltype(refuse)> loader(numbers, options(2), refuse);
  size_t taken = 0;
  EXPECT_THROW(
      {
        for (const auto &batch : loader) {
          taken += batch.size();
        }
      },
      std::runtime_error);
  EXPECT_EQ(taken, 4u);
}

TEST_P(DataLoaderWorkers, EndWithALoopThatEndsEarly) {
  std::atomic<int> inside = 0, calls = 0;
  Numbers numbers = {1000, [&](size_t index) {
                       ++inside;
                       ++calls;
                       --inside;
                       return index;
                     }};
  Loader loader(numbers, options(5));
  for (int round = 0; round < 20; ++round) {
    for (const std::vector<size_t> &batch : loader) {
      if (batch[0] >= size_t(round) * 5) {
        break;
      }
    }
    EXPECT_EQ(inside, 0);
    EXPECT_LE(calls.exchange(0), (round + 1 + 3) * 5);
  }
}

TEST_P(DataLoaderWorkers, TakeSamplesAndBatchesThatOnlyMove) {
  using Owned = std::unique_ptr<size_t>;
  Generated<Owned(size_t)> numbers = {5, [](size_t i) { return std::make_unique<size_t>(i); }};
  auto keep = [](std::vector<Owned> samples) { return samples; };
  size_t sum = 0;
  for (std::vector<Owned> &batch : DataLoader(numbers, SequentialSampler(5), options(2), keep)) {
    for (const Owned &number : batch) {
      sum += *number;
    }
  }
  EXPECT_EQ(sum, 10u);
}

TEST_P(DataLoaderWorkers, HoldNoMoreThanThePrefetchedBatches) {
  std::atomic<size_t> started = 0, most = 0, done = 0;
  Numbers numbers = {90, [&](size_t index) {
                       size_t held = ++started - done * 3;
                       for (size_t seen = most; held > seen;) {
                         most.compare_exchange_weak(seen, held);
                       }
                       return index;
                     }};
  Loader loader(numbers, options(3, 4));
  bool isFirst = true;
  for ([[maybe_unused]] const std::vector<size_t> &batch : loader) {
    // Workers go on until the places are full, and then wait for the loop.
    while (isFirst && GetParam() > 0 && started < 12) {
      std::this_thread::yield();
    }
    isFirst = false;
    ++done;
  }
  EXPECT_EQ(started, 90u);
  EXPECT_LE(most, 12u);
  EXPECT_EQ(most, GetParam() > 0 ? 12u : 3u);
}

// With one worker the latch would never open.
TEST(DataLoader, LoadsSeveralSamplesAtATime) {
  std::latch together(3);
  Numbers numbers = {3, [&](size_t index) {
                       together.arrive_and_wait();
                       return index;
                     }};
  Loader loader(numbers, {.batchSize = 3, .workers = 3});
  EXPECT_EQ(collectBatches(loader), (Batches{{0, 1, 2}}));
}

TEST(DataLoader, RefusesOptionsOutOfRange) {
  Numbers numbers = {3, square};
  EXPECT_THROW(Loader(numbers, {.batchSize = 0}), Error);
  EXPECT_THROW(Loader(numbers, {.prefetch = 0}), Error);
  EXPECT_THROW(Loader(numbers, {.workers = -1}), Error);
  EXPECT_THROW(Loader(numbers, {.workers = 100000}), Error);
}

TEST(DataLoader, CollatesSamplesOfPicturesByItself) {
  Generated<Sample(size_t)> samples = {3, [](size_t index) {
                                         Sample sample = {{ORIEL_ELEMENT_F32, {1}, {}}, 0, index};
                                         sample.label = int64_t(10 * index);
                                         sample.input.bytes.resize(4);
                                         return sample;
                                       }};
  std::vector<int64_t> labels;
  for (const Batch &batch : DataLoader(samples, {.batchSize = 2, .workers = 1})) {
    EXPECT_EQ(batch.inputs.shape, (std::vector<int64_t>{int64_t(batch.size()), 1}));
    labels.insert(labels.end(), batch.labels.begin(), batch.labels.end());
  }
  EXPECT_THAT(labels, ElementsAre(0, 10, 20));
}

} // namespace
