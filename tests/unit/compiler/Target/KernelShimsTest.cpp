#include "compiler/Target/KernelShims.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" {
void *halide_malloc(void *userContext, size_t bytes);
void halide_free(void *userContext, void *pointer);
int halide_do_par_for(void *userContext, int (*task)(void *, int, uint8_t *), int min, int size,
                      uint8_t *closure);
void halide_error(void *userContext, const char *message);
int halide_error_out_of_memory(void *userContext);
}

namespace {

class KernelShims : public testing::Test {
protected:
  static constexpr size_t scratchSize = 4096;

  KernelShims() : scratch((scratchSize + ORIEL_WORKSPACE_ALIGNMENT) * 2), workers(2) {
    call.worker_count = 1;
    call.workers = workers.data();
    call.error_sink = this;
    call.report_error = [](void *sink, const char *message) {
      static_cast<KernelShims *>(sink)->errors.emplace_back(message);
    };
    call.overflow_scratch = [](void *sink, uint64_t bytes) -> void * {
      auto *self = static_cast<KernelShims *>(sink);
      self->overflowBytes = bytes;
      return self->overflow;
    };
    for (int32_t i = 0; i < 2; ++i) {
      workers[size_t(i)].call = &call;
      workers[size_t(i)].index = i;
      auto base = (reinterpret_cast<uintptr_t>(scratch.data()) + 63) & ~uintptr_t(63);
      workers[size_t(i)].scratch = reinterpret_cast<uint8_t *>(base) + size_t(i) * scratchSize;
      workers[size_t(i)].scratch_size = scratchSize;
    }
  }
  oriel_worker *worker() { return &workers[0]; }
  void *allocate(size_t bytes) { return halide_malloc(worker(), bytes); }
  void release(void *pointer) { halide_free(worker(), pointer); }

  std::vector<uint8_t> scratch;
  std::vector<oriel_worker> workers;
  oriel_call call = {};
  std::vector<std::string> errors;
  uint64_t overflowBytes = 0;
  uint8_t overflow[64];
};

TEST_F(KernelShims, BlocksAreAlignedAndApart) {
  std::vector<std::pair<uint8_t *, size_t>> blocks;
  for (size_t bytes : {1, 63, 64, 65, 200, 0}) {
    auto *block = static_cast<uint8_t *>(allocate(bytes));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % ORIEL_WORKSPACE_ALIGNMENT, 0u);
    EXPECT_GE(block, worker()->scratch + 8);
    EXPECT_LE(block + bytes, worker()->scratch + scratchSize);
    for (auto &[other, size] : blocks) {
      EXPECT_GE(block, other + size + 8);
    }
    memset(block, 0xff, bytes);
    blocks.emplace_back(block, bytes);
  }
  std::reverse(blocks.begin(), blocks.end());
  for (auto &[block, bytes] : blocks) {
    release(block);
  }
  EXPECT_EQ(worker()->scratch_used, 0u);
}

TEST_F(KernelShims, ABlockTakesWhatTheCompilerCountsForIt) {
  for (size_t bytes : {0, 1, 64, 65, 1000}) {
    uint64_t before = worker()->scratch_used;
    allocate(bytes);
    EXPECT_EQ(worker()->scratch_used - before, oriel_scratch_block_bytes(bytes));
  }
}

TEST_F(KernelShims, BlocksMayBeFreedInAnyOrder) {
  std::mt19937 generator(1);
  for (int round = 0; round < 100; ++round) {
    std::vector<void *> blocks(8);
    for (void *&block : blocks) {
      block = allocate(generator() % 300);
    }
    std::shuffle(blocks.begin(), blocks.end(), generator);
    for (void *block : blocks) {
      EXPECT_GT(worker()->scratch_used, 0u);
      release(block);
    }
    ASSERT_EQ(worker()->scratch_used, 0u);
    ASSERT_EQ(worker()->scratch_top, 0u);
  }
  EXPECT_EQ(overflowBytes, 0u);
}

TEST_F(KernelShims, ABlockThatFitsExactlyIsNoOverrun) {
  void *block = allocate(scratchSize - 64);
  EXPECT_EQ(overflowBytes, 0u);
  EXPECT_EQ(worker()->scratch_used, scratchSize);
  release(block);
  EXPECT_EQ(worker()->scratch_used, 0u);
}

TEST_F(KernelShims, AnOverrunGoesToTheRuntime) {
  for (size_t bytes : {scratchSize - 63, scratchSize, ~size_t(0), ~size_t(0) - 100}) {
    EXPECT_EQ(allocate(bytes), overflow);
    EXPECT_EQ(overflowBytes, bytes);
    EXPECT_EQ(worker()->scratch_used, 0u);
  }
  release(overflow);
  release(nullptr);
  EXPECT_EQ(worker()->scratch_used, 0u);
}

TEST_F(KernelShims, ErrorsReachTheCall) {
  halide_error(worker(), "text of a kernel");
  EXPECT_EQ(halide_error_out_of_memory(worker()), -11);
  EXPECT_EQ(errors,
            (std::vector<std::string>{"text of a kernel", "kernel check failed: out_of_memory"}));
}

struct Visits {
  std::vector<std::pair<int, void *>> seen;
  int failing = 1000;
};

int visit(void *userContext, int index, uint8_t *closure) {
  auto *visits = reinterpret_cast<Visits *>(closure);
  visits->seen.emplace_back(index, userContext);
  return index == visits->failing ? 5 : 0;
}

TEST_F(KernelShims, ALoopOfOneWorkerStaysOnIt) {
  Visits visits;
  EXPECT_EQ(halide_do_par_for(worker(), visit, 3, 2, reinterpret_cast<uint8_t *>(&visits)), 0);
  EXPECT_EQ(visits.seen, (std::vector<std::pair<int, void *>>{{3, worker()}, {4, worker()}}));
  EXPECT_EQ(halide_do_par_for(worker(), visit, 0, 0, reinterpret_cast<uint8_t *>(&visits)), 0);
  EXPECT_EQ(visits.seen.size(), 2u);
}

TEST_F(KernelShims, EveryTaskOfALoopGetsItsOwnWorker) {
  call.worker_count = 2;
  call.parallel_for = [](void *, int32_t count, oriel_task_fn task, void *arg) {
    int32_t result = 0;
    for (int32_t i = 0; i < count && result == 0; ++i) {
      result = task(arg, i, 1 - i % 2);
    }
    return result;
  };
  Visits visits;
  EXPECT_EQ(halide_do_par_for(worker(), visit, -1, 3, reinterpret_cast<uint8_t *>(&visits)), 0);
  EXPECT_EQ(visits.seen, (std::vector<std::pair<int, void *>>{
                             {-1, &workers[1]}, {0, &workers[0]}, {1, &workers[1]}}));
}

TEST_F(KernelShims, AFailedTaskEndsTheLoopAndIsReported) {
  Visits visits;
  visits.failing = 1;
  EXPECT_EQ(halide_do_par_for(worker(), visit, 0, 9, reinterpret_cast<uint8_t *>(&visits)), 5);
  EXPECT_EQ(visits.seen.size(), 2u);
  EXPECT_EQ(errors, std::vector<std::string>{"a parallel loop of a kernel failed"});
}

} // namespace
