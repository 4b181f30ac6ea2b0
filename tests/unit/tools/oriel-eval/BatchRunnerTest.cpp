#include "tools/oriel-eval/BatchRunner.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>

using namespace oriel;
using testing::ElementsAre;

namespace {

/// A batch of one picture with that index.
PictureBatch batchOf(size_t index) {
  PictureBatch batch;
  batch.failed.emplace_back(index, "");
  return batch;
}

size_t indexOf(const PictureBatch &batch) { return batch.failed.at(0).first; }

void storeIndex(const PictureBatch &batch, std::vector<float> &logits) {
  logits = {float(indexOf(batch))};
}

TEST(BatchRunner, GivesBatchesBackInOrder) {
  for (size_t threads : {1, 2, 5}) {
    BatchRunner runner(std::vector<BatchRunner::Run>(threads, storeIndex));
    size_t taken = 0;
    auto takeNext = [&] {
      RunBatch result = runner.take();
      EXPECT_EQ(indexOf(result.batch), taken);
      EXPECT_THAT(result.logits, ElementsAre(float(taken)));
      EXPECT_GE(result.seconds, 0);
      ++taken;
    };
    for (size_t index = 0; index < 100; ++index) {
      runner.submit(batchOf(index));
      EXPECT_LE(runner.size(), 2 * threads);
      if (runner.isFull()) {
        takeNext();
      }
    }
    while (runner.size() > 0) {
      takeNext();
    }
    EXPECT_EQ(taken, 100u);
  }
}

// With one thread the latch would never open.
TEST(BatchRunner, RunsABatchOnEachThread) {
  std::latch together(3);
  auto meet = [&](const PictureBatch &, std::vector<float> &) { together.arrive_and_wait(); };
  BatchRunner runner(std::vector<BatchRunner::Run>(3, meet));
  for (size_t index = 0; index < 3; ++index) {
    runner.submit(batchOf(index));
  }
  while (runner.size() > 0) {
    runner.take();
  }
}

TEST(BatchRunner, ThrowsWhatARunThrewInItsPlace) {
  auto failOnOne = [](const PictureBatch &batch, std::vector<float> &) {
    if (indexOf(batch) == 1) {
      throw std::runtime_error("the device is lost");
    }
  };
  BatchRunner runner({failOnOne, failOnOne});
  for (size_t index = 0; index < 3; ++index) {
    runner.submit(batchOf(index));
  }
  EXPECT_EQ(indexOf(runner.take().batch), 0u);
  EXPECT_THROW(runner.take(), std::runtime_error);
  EXPECT_EQ(indexOf(runner.take().batch), 2u);
}

TEST(BatchRunner, EndsWithoutTheBatchesThatAreNotBegun) {
  std::atomic<size_t> ended = 0;
  std::latch begun(2);
  auto wait = [&](const PictureBatch &, std::vector<float> &) {
    begun.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ++ended;
  };
  {
    BatchRunner runner({wait, wait});
    runner.submit(batchOf(0));
    runner.submit(batchOf(1));
    begun.wait();
    runner.submit(batchOf(2));
  }
  EXPECT_EQ(ended, 2u);
}

} // namespace
