//===- GpuSchedule.cpp - Loops as blocks of threads -----------------------===//

#include "compiler/Kernels/GpuSchedule.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar, Halide::Stage,
    Halide::TailStrategy, Halide::Var;

int oriel::vectorOf(int channels) { return channels % 4 == 0 ? 4 : channels % 2 == 0 ? 2 : 1; }

/// The least power of two from `count` on, `most` at most.
static int roundUpToPower(int64_t count, int most) {
  int power = 1;
  while (power < count && power < most) {
    power *= 2;
  }
  return power;
}

GpuTile oriel::chooseGpuTile(int channels, int64_t rows) {
  GpuTile tile;
  tile.channels = vectorOf(channels);
  tile.rows = rows < 4 ? static_cast<int>(rows) : 4;
  tile.threadsX = roundUpToPower(channels / tile.channels, 8);
  tile.threadsY = roundUpToPower((rows + tile.rows - 1) / tile.rows, 64 / tile.threadsX);
  return tile;
}

Func oriel::storeResult(KernelBuilder &builder, unsigned index) {
  Func output = builder.defineOutput(index);
  builder.setOutput(index, output, static_cast<int>(builder.outputLayout(index).shape.back()));
  return output;
}

GpuLoops oriel::tileForGpu(Func func, const GpuTile &tile, bool wholeRows) {
  std::vector<Var> arguments = func.args();
  const Var &c = arguments[0], &row = arguments[1];
  Var lane("lane"), vector("vector"), threadX("thread_x"), columns("columns"), r("r"),
      threadY("thread_y"), rows("rows");
  func.split(c, vector, lane, tile.channels, TailStrategy::RoundUp)
      .split(vector, columns, threadX, tile.threadsX, TailStrategy::GuardWithIf)
      .split(row, rows, r, tile.rows, TailStrategy::GuardWithIf)
      .split(rows, rows, threadY, tile.threadsY, TailStrategy::GuardWithIf)
      .unroll(r)
      .never_partition_all();
  if (tile.channels > 1) {
    func.vectorize(lane);
  }
  std::vector<Halide::VarOrRVar> order = {lane, r, threadX, threadY, rows, columns};
  if (wholeRows) {
    order = {lane, r, columns, threadX, threadY, rows};
  }
  struct Fusion {
    Var inner, outer, fused;
  };
  std::vector<Fusion> fusions;
  // A grid has 2^31 - 1 blocks in its first coordinate and 65535 in the others, so all that grows
  // with the batch goes into the first.
  Var block = rows;
  for (const Var &next : ArrayRef(arguments).drop_front(2)) {
    Var fused(Halide::Internal::unique_name("block"));
    order.emplace_back(next);
    fusions.push_back({block, next, fused});
    block = fused;
  }
  func.reorder(order);
  for (const Fusion &fusion : fusions) {
    func.fuse(fusion.inner, fusion.outer, fusion.fused);
  }
  func.gpu_threads(threadX, threadY);
  wholeRows ? func.gpu_blocks(block) : func.gpu_blocks(block, columns);
  return {{func, wholeRows ? columns : threadX}, {func, block}};
}

void oriel::scheduleSumsOnGpu(Func sums, const GpuTile &tile, int updates,
                              const LoopLevel &thread) {
  Var c = sums.args()[0], row = sums.args()[1];
  sums.compute_at(thread)
      .store_in(MemoryType::Register)
      .bound_extent(c, tile.channels)
      .bound_extent(row, tile.rows)
      .unroll(row);
  if (tile.channels > 1) {
    sums.vectorize(c);
  }
  for (int index = 0; index < updates; ++index) {
    Stage update = sums.update(index);
    std::vector<Halide::VarOrRVar> order = {c, row};
    for (const auto &dimension : update.get_schedule().rvars()) {
      order.emplace_back(RVar(dimension.var));
    }
    update.reorder(order).unroll(row);
    if (tile.channels > 1) {
      update.vectorize(c);
    }
  }
}

void oriel::scheduleRowsOnGpu(Func reduction, const GpuTile &tile, const LoopLevel &block) {
  Func kept = reduction.in();
  Var row = kept.args()[0], r("r"), threadY("thread_y");
  kept.compute_at(block)
      .store_in(MemoryType::GPUShared)
      .bound_extent(row, tile.blockRows())
      .split(row, threadY, r, tile.rows, TailStrategy::RoundUp);
  // The rows of a tile side by side, as far as there are threads.
  if (tile.rows <= tile.threadsX) {
    kept.gpu_threads(r, threadY);
    reduction.compute_at(kept, r);
  } else {
    Var one("one");
    kept.split(threadY, threadY, one, 1).reorder(r, one, threadY).gpu_threads(one, threadY);
    reduction.compute_at(kept, r);
  }
  reduction.store_in(MemoryType::Register);
}

void oriel::scheduleStatisticsOnGpu(const LayerNormStages &norm, const GpuTile &tile,
                                    const LoopLevel &block) {
  scheduleRowsOnGpu(norm.sum, tile, block);
  scheduleRowsOnGpu(norm.squares, tile, block);
}

std::string oriel::describe(const GpuTile &tile) {
  return "tiles of " + std::to_string(tile.rows) + "x" + std::to_string(tile.channels) +
         ", blocks of " + std::to_string(tile.threadsY) + "x" + std::to_string(tile.threadsX) +
         " threads";
}
