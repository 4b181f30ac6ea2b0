#include "runtime/src/Pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sys/wait.h>
#include <thread>
#include <vector>

using namespace oriel;

namespace {

class PoolTest : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    oriel_pool_options options = {sizeof options, GetParam(), 0, 0};
    oriel_error error;
    ASSERT_EQ(Pool::create(options, &pool, &error), ORIEL_OK) << error.message;
  }
  void TearDown() override { pool->release(); }
  Pool *pool = nullptr;
};

/// Counts how often each task ran and whether two ever shared a worker.
struct Tally {
  explicit Tally(int count) : runs(size_t(count)) {}

  static int32_t task(void *arg, int32_t index, int32_t worker) {
    auto *tally = static_cast<Tally *>(arg);
    if (tally->isBusy[worker].exchange(true)) {
      tally->sharedWorkers.fetch_add(1);
    }
    tally->runs[size_t(index)].fetch_add(1);
    for (int i = 0; i < tally->work; ++i) {
      asm volatile("");
    }
    tally->isBusy[worker].store(false);
    return index == tally->failing ? 42 : 0;
  }

  std::vector<std::atomic<int>> runs;
  std::atomic<bool> isBusy[maxWorkers] = {};
  std::atomic<int> sharedWorkers{0};
  int failing = -1;
  int work = 0;
};

void expectEachOnce(const Tally &tally) {
  for (const std::atomic<int> &runs : tally.runs) {
    ASSERT_EQ(runs.load(), 1);
  }
  EXPECT_EQ(tally.sharedWorkers.load(), 0);
}

TEST_P(PoolTest, RunsEachTaskOnceAndNoTwoOnOneWorker) {
  LoopPlace *place = pool->enter();
  ASSERT_NE(place, nullptr);
  for (int count : {0, 1, 2, 3, 7, 64, 1000}) {
    for (int workers : {1, 2, 3, GetParam()}) {
      for (int round = 0; round < 50; ++round) {
        Tally tally(count);
        EXPECT_EQ(pool->run(*place, workers, count, Tally::task, &tally), 0);
        expectEachOnce(tally);
      }
    }
  }
  pool->leave(place);
}

TEST_P(PoolTest, OthersTakeTheTasksOfAWorkerThatIsHeldUp) {
  // Each chunk's first task waits, but one's: that worker must do all the rest for them to go on.
  if (GetParam() == 1) {
    GTEST_SKIP() << "a pool of one thread has no others";
  }
  struct Loop {
    int chunks, count;
    std::atomic<int> waiting{0}, done{0}, late{0};
  } loop{GetParam(), 10 * GetParam()};
  auto task = [](void *arg, int32_t index, int32_t) {
    auto *loop = static_cast<Loop *>(arg);
    if (index % 10 == 0 && loop->waiting.fetch_add(1) < loop->chunks - 1) {
      auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (loop->done.load() < loop->count - loop->chunks + 1 && loop->late.load() == 0) {
        if (std::chrono::steady_clock::now() > deadline) {
          loop->late.store(1);
        }
        std::this_thread::yield();
      }
    }
    loop->done.fetch_add(1);
    return 0;
  };
  LoopPlace *place = pool->enter();
  EXPECT_EQ(pool->run(*place, loop.chunks, loop.count, task, &loop), 0);
  EXPECT_EQ(loop.done.load(), loop.count);
  EXPECT_EQ(loop.late.load(), 0) << "tasks stayed with workers that were held up";
  pool->leave(place);
}

TEST_P(PoolTest, KeepsToTheWorkersOfTheRun) {
  LoopPlace *place = pool->enter();
  struct Largest {
    std::atomic<int> worker{0};
  } largest;
  auto task = [](void *arg, int32_t, int32_t worker) {
    auto *largest = static_cast<Largest *>(arg);
    int seen = largest->worker.load();
    while (seen < worker && !largest->worker.compare_exchange_weak(seen, worker)) {
    }
    return 0;
  };
  EXPECT_EQ(pool->run(*place, 2, 100, task, &largest), 0);
  EXPECT_LE(largest.worker.load(), 1);
  pool->leave(place);
}

TEST_P(PoolTest, GivesTheCodeOfATaskThatFails) {
  LoopPlace *place = pool->enter();
  for (int failing : {0, 50, 99}) {
    Tally tally(100);
    tally.failing = failing;
    EXPECT_EQ(pool->run(*place, GetParam(), 100, Tally::task, &tally), 42);
    EXPECT_EQ(tally.runs[size_t(failing)].load(), 1);
  }
  Tally tally(100);
  EXPECT_EQ(pool->run(*place, GetParam(), 100, Tally::task, &tally), 0);
  pool->leave(place);
}

TEST_P(PoolTest, ServesSeveralRunsAtOnce) {
  constexpr int callers = 3;
  auto call = [&] {
    for (int round = 0; round < 200; ++round) {
      LoopPlace *place = pool->enter();
      Tally tally(17);
      tally.work = 200;
      EXPECT_EQ(pool->run(*place, GetParam(), 17, Tally::task, &tally), 0);
      expectEachOnce(tally);
      pool->leave(place);
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(callers);
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back(call);
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
}

TEST_P(PoolTest, LeavesTheProcessorsToCallersWhereTheyFillThem) {
  std::vector<LoopPlace *> places;
  places.reserve(size_t(GetParam()));
  for (int caller = 0; caller < GetParam(); ++caller) {
    places.push_back(pool->enter());
  }
  auto isElsewhere = [](void *arg, int32_t, int32_t) {
    return pthread_equal(pthread_self(), *static_cast<pthread_t *>(arg)) ? 0 : 1;
  };
  pthread_t self = pthread_self();
  for (int round = 0; round < 1000; ++round) {
    ASSERT_EQ(pool->run(*places[0], GetParam(), 64, isElsewhere, &self), 0);
  }
  for (LoopPlace *place : places) {
    pool->leave(place);
  }
}

TEST_P(PoolTest, WorksAfterItsThreadsFellAsleep) {
  LoopPlace *place = pool->enter();
  for (int round = 0; round < 5; ++round) {
    usleep(5000);
    Tally tally(64);
    tally.work = 1000;
    EXPECT_EQ(pool->run(*place, GetParam(), 64, Tally::task, &tally), 0);
    expectEachOnce(tally);
  }
  pool->leave(place);
}

TEST_P(PoolTest, FinishesLoopsInAForkedChildThatHasNoneOfItsThreads) {
  pid_t child = fork();
  if (child == 0) {
    LoopPlace *place = pool->enter();
    Tally tally(64);
    bool isDone = pool->run(*place, GetParam(), 64, Tally::task, &tally) == 0;
    for (const std::atomic<int> &runs : tally.runs) {
      isDone = isDone && runs.load() == 1;
    }
    pool->leave(place);
    pool->release();
    _exit(isDone ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(Threads, PoolTest, testing::Values(1, 2, 4, 7));

TEST(PoolLimits, MoreRunsAtOnceThanPlacesGetNone) {
  Pool *pool = nullptr;
  oriel_pool_options options = {sizeof options, 2, 1, 0};
  ASSERT_EQ(Pool::create(options, &pool, nullptr), ORIEL_OK);
  std::vector<LoopPlace *> places;
  while (LoopPlace *place = pool->enter()) {
    places.push_back(place);
    ASSERT_LE(places.size(), 1000u);
  }
  EXPECT_GE(places.size(), 16u);
  pool->leave(places.back());
  EXPECT_EQ(pool->enter(), places.back());
  for (LoopPlace *place : places) {
    pool->leave(place);
  }
  pool->release();
}

TEST(PoolLimits, ImpossibleSizesAreRefused) {
  oriel_pool *pool = nullptr;
  oriel_error error;
  for (int threads : {-1, maxWorkers + 1}) {
    oriel_pool_options options = {sizeof options, threads, 0, 0};
    EXPECT_EQ(oriel_pool_create(&options, &pool, &error), ORIEL_INVALID_ARGUMENT);
    EXPECT_THAT(error.message, testing::HasSubstr("threads is not possible"));
  }
}

TEST(SharedPool, IsOnePerProcessAndEndsWithItsLastUser) {
  Pool *first = nullptr, *second = nullptr;
  ASSERT_EQ(Pool::shared(&first, nullptr), ORIEL_OK);
  ASSERT_EQ(Pool::shared(&second, nullptr), ORIEL_OK);
  EXPECT_EQ(first, second);
  EXPECT_EQ(first->threads(), allowedProcessors());
  first->release();
  second->release();
  ASSERT_EQ(Pool::shared(&first, nullptr), ORIEL_OK);
  first->release();
}

} // namespace
