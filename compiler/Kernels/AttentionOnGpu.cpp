//===- AttentionOnGpu.cpp - The schedule of attention on a device ---------===//
//
// One block for some rows of a head of a group: the block's memory holds their scores, then their
// exponentials; each thread then sums a vector of a row's channels over all keys. q, k and v are
// read where they lie, through the index maps.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Attention.h"
#include "compiler/Kernels/GpuSchedule.h"

using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar, Halide::Stage,
    Halide::TailStrategy, Halide::Var;

static constexpr int keyThreads = 16;

/// Rows of a block: scores and exponentials of each lie in the block's memory.
static int chooseRows(const Attention &attention, const KernelTarget &target) {
  int64_t rowBytes = 2 * int64_t(sizeof(float)) * (attention.keys + 1);
  int rows = 1;
  while (2 * rows * rowBytes <= target.l1Bytes && rows < 16 && rows < attention.queries) {
    rows *= 2;
  }
  return rows;
}

/// A matrix of the block, (key, row), threads along both.
static Var scheduleMatrix(Func matrix, int keys, int rows, const LoopLevel &block) {
  Var j = matrix.args()[0], i = matrix.args()[1], thread("thread_x"), step("step");
  matrix.compute_at(block)
      .store_in(MemoryType::GPUShared)
      .bound_extent(j, keys)
      .bound_extent(i, rows)
      .split(j, step, thread, keyThreads, TailStrategy::GuardWithIf)
      .reorder(step, thread, i)
      .gpu_threads(thread, i);
  return step;
}

/// A reduction over each row of the block: summed in registers, kept in the block's memory.
static void scheduleRow(Func reduction, int rows, const LoopLevel &block) {
  Func kept = reduction.in();
  Var i = kept.args()[0], one("one");
  kept.compute_at(block)
      .store_in(MemoryType::GPUShared)
      .bound_extent(i, rows)
      .split(i, i, one, 1)
      .gpu_threads(one, i);
  reduction.compute_at(kept, one).store_in(MemoryType::Register);
}

void oriel::scheduleAttentionOnGpu(KernelBuilder &builder, Attention &attention) {
  int rows = chooseRows(attention, builder.target), channels = vectorOf(attention.valueChannels);
  int vectors = attention.valueChannels / channels;
  int vectorsOfThread = (vectors + keyThreads - 1) / keyThreads;
  Stage store = attention.output.update();
  RVar c = attention.stored[0], t = attention.stored[1], h = attention.stored[2],
       g = attention.stored[3], b = attention.stored[4];
  RVar lane("lane"), vector("vector"), row("row"), rowBlock("row_block"), head("head"),
      threadX("thread_x"), columns("columns");
  store.split(c, vector, lane, channels)
      .split(vector, threadX, columns, vectorsOfThread, TailStrategy::GuardWithIf)
      .split(t, rowBlock, row, rows, TailStrategy::GuardWithIf)
      .fuse(h, g, head)
      // Each row's pixel is stored once: the maps are one to one.
      .allow_race_conditions()
      .gpu_threads(threadX, row)
      .gpu_blocks(rowBlock, head, b);
  if (channels > 1) {
    store.vectorize(lane);
  }
  LoopLevel block(attention.output, rowBlock);

  Var step = scheduleMatrix(attention.scores, attention.keys, rows, block);
  attention.products.compute_at(attention.scores, step).store_in(MemoryType::Register);
  scheduleMatrix(attention.exponentials, attention.keys, rows, block);
  scheduleRow(attention.maximum, rows, block);
  scheduleRow(attention.total, rows, block);

  Func sums = attention.sums;
  sums.compute_at(attention.output, columns)
      .store_in(MemoryType::Register)
      .bound_extent(sums.args()[0], channels);
  if (channels > 1) {
    sums.vectorize(sums.args()[0]);
    RVar k(sums.update().get_schedule().rvars()[0].var);
    sums.update().reorder(sums.args()[0], k).vectorize(sums.args()[0]);
  }
  builder.describe("blocks of " + llvm::Twine(rows) + " rows of a head, " +
                   llvm::Twine(keyThreads) + "x" + llvm::Twine(rows) + " threads");
}
