//===- RowReductionOnGpu.cpp - layer_norm, softmax, pooling on a device ---===//
//
// A block computes the statistics of its rows first, in the memory that its threads share, then
// stores the rows. A pool sums over positions, each thread a channel.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GpuSchedule.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::TailStrategy, Halide::Var;

static GpuTile chooseTile(int channels) { return {vectorOf(channels), 1, 16, 4}; }

static void buildLayerNorm(KernelBuilder &builder, LayerNormOp op) {
  LayerNormStages stages = defineLayerNorm(op, builder.get(op.getInput()),
                                           builder.get(op.getGamma()), builder.get(op.getBeta()));
  builder.set(op.getResult(), stages.result);
  GpuTile tile = chooseTile(stages.result.extent());
  GpuLoops loops = tileForGpu(storeResult(builder), tile, /*wholeRows=*/true);
  scheduleStatisticsOnGpu(stages, tile, loops.block);
  builder.describe(describe(tile));
}

static void buildSoftmax(KernelBuilder &builder, SoftmaxOp op) {
  SoftmaxStages stages = defineSoftmax(builder.get(op.getInput()));
  builder.set(op.getResult(), stages.result);
  GpuTile tile = chooseTile(stages.result.extent());
  GpuLoops loops = tileForGpu(storeResult(builder), tile, /*wholeRows=*/true);
  scheduleRowsOnGpu(stages.maximum, tile, loops.block);
  scheduleRowsOnGpu(stages.sum, tile, loops.block);
  builder.describe(describe(tile));
}

/// The statistics of all positions of a block's item: kept for it where its memory holds them, else
/// computed by each thread as it comes to them.
static void schedulePositions(const LayerNormStages &norm, const DefinedValue &input, Func sum,
                              const Halide::RDom &domain, const LoopLevel &block) {
  constexpr int64_t mostPositions = 2048;
  constexpr int threads = 64;
  bool fits = input.shape[1] * input.shape[2] <= mostPositions;
  for (Func reduction : {norm.sum, norm.squares}) {
    reduction.store_in(MemoryType::Register);
    if (!fits) {
      reduction.compute_at(sum, Halide::RVar(domain.x));
      continue;
    }
    Func kept = reduction.in();
    Var position("position"), thread("thread"), step("step");
    kept.compute_at(block)
        .store_in(MemoryType::GPUShared)
        .fuse(kept.args()[0], kept.args()[1], position)
        .split(position, step, thread, threads, TailStrategy::GuardWithIf)
        .reorder(step, thread)
        .gpu_threads(thread);
    reduction.compute_at(kept, step);
  }
}

static void buildPool(KernelBuilder &builder, GlobalAvgPoolOp op) {
  // The algorithm.
  std::optional<LayerNormStages> norm;
  if (LayerNormOp normOp = builder.plan.rowStatistics) {
    norm = defineLayerNorm(normOp, builder.get(normOp.getInput()), builder.get(normOp.getGamma()),
                           builder.get(normOp.getBeta()));
    builder.set(normOp.getResult(), norm->result);
  }
  DefinedValue input = builder.get(op.getInput());
  PoolStages stages = definePool(input);
  builder.set(op.getResult(), stages.result);
  Func output = storeResult(builder);

  // Schedule.
  constexpr int threads = 64;
  Var c = output.args()[0], b = output.args()[1], columns("columns"), thread("thread");
  output.split(c, columns, thread, threads, TailStrategy::GuardWithIf)
      .never_partition_all()
      .gpu_threads(thread);
  if (norm) {
    output.reorder(columns, thread, b).gpu_blocks(b);
    stages.sum.compute_at(output, columns);
    schedulePositions(*norm, input, stages.sum, stages.domain, {output, b});
  } else {
    output.gpu_blocks(columns, b);
    stages.sum.compute_at(output, thread);
  }
  stages.sum.store_in(MemoryType::Register);
  builder.describe("blocks of " + Twine(threads) + " channels");
}

void oriel::buildRowReductionOnGpu(KernelBuilder &builder) {
  Operation *anchor = builder.plan.anchor;
  if (auto pool = dyn_cast<GlobalAvgPoolOp>(anchor)) {
    return buildPool(builder, pool);
  }
  if (builder.rowsAreDense()) {
    builder.flattenRows();
  }
  if (auto norm = dyn_cast<LayerNormOp>(anchor)) {
    return buildLayerNorm(builder, norm);
  }
  buildSoftmax(builder, cast<SoftmaxOp>(anchor));
}
