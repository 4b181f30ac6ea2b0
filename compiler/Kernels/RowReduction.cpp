//===- RowReduction.cpp - layer_norm, softmax, global_avg_pool ------------===//
//
// Statistics of a row are computed next to the row's use, in vectors over the channels. A pool sums
// over positions, in vectors over the channels, one task a batch item and group of channels.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/RowReductionSchedule.h"

#include "compiler/Kernels/Families.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar, Halide::TailStrategy,
    Halide::Var;

/// The output with its outer dimensions fused to rows and its channels in vectors, in tasks of
/// `taskRows` rows; returns the loop over rows.
static LoopLevel scheduleRows(KernelBuilder &builder, Func output, int channels, int taskRows) {
  std::vector<Var> arguments = output.args();
  TailStrategy tail = channels % panelLanes == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  output.vectorize(arguments[0], panelLanes, tail);
  Var row = arguments[1];
  for (const Var &outer : ArrayRef(arguments).drop_front(2)) {
    Var fused("row");
    output.fuse(row, outer, fused);
    row = fused;
  }
  Var task("task");
  output.split(row, task, row, taskRows, TailStrategy::GuardWithIf).parallel(task);
  builder.describe("tasks of " + Twine(taskRows) + " rows");
  return {output, row};
}

/// The output of the kernel: the result, whole panels of channels where memory allows.
static Func defineOutput(KernelBuilder &builder, int &channels) {
  const DefinedValue &result = builder.get(builder.result());
  channels = builder.readsPartialPanels() ? result.extent() : builder.storedChannels();
  Func output = builder.defineOutput();
  builder.setOutput(0, output, channels);
  return output;
}

static constexpr int elementsOfTask = 1 << 13;

static void buildLayerNorm(KernelBuilder &builder, LayerNormOp op) {
  // The algorithm.
  DefinedValue input = builder.get(op.getInput());
  LayerNormStages stages =
      defineLayerNorm(op, input, builder.get(op.getGamma()), builder.get(op.getBeta()));
  builder.set(op.getResult(), stages.result);
  int channels = 0;
  Func output = defineOutput(builder, channels);

  // Schedule.
  LoopLevel row = scheduleRows(builder, output, channels, std::max(1, elementsOfTask / channels));
  scheduleRowReduction(stages.sum, stages.meanDomain, input.extent(), row);
  scheduleRowReduction(stages.squares, stages.varianceDomain, input.extent(), row);
}

static void buildSoftmax(KernelBuilder &builder, SoftmaxOp op) {
  // The algorithm.
  DefinedValue input = builder.get(op.getInput());
  SoftmaxStages stages = defineSoftmax(input);
  builder.set(op.getResult(), stages.result);
  int channels = 0;
  Func output = defineOutput(builder, channels);

  // Schedule.
  LoopLevel row = scheduleRows(builder, output, channels, std::max(1, elementsOfTask / channels));
  bool whole = channels % panelLanes == 0;
  stages.exponential.compute_at(row)
      .store_in(MemoryType::Stack)
      .vectorize(stages.exponential.args()[0], panelLanes,
                 whole ? TailStrategy::RoundUp : TailStrategy::GuardWithIf);
  scheduleRowReduction(stages.maximum, stages.maximumDomain, input.extent(), row);
  scheduleRowReduction(stages.sum, stages.sumDomain, input.extent(), row);
}

/// r[b, c] = sum over positions / positions, of the layer_norm of the rows where there is one.
static void buildPool(KernelBuilder &builder, GlobalAvgPoolOp op) {
  // The algorithm.
  std::optional<LayerNormStages> norm;
  if (LayerNormOp normOp = builder.plan.rowStatistics) {
    norm = defineLayerNorm(normOp, builder.get(normOp.getInput()), builder.get(normOp.getGamma()),
                           builder.get(normOp.getBeta()));
    builder.set(normOp.getResult(), norm->result);
  }
  DefinedValue input = builder.get(op.getInput());
  if (builder.readsPartialPanels()) {
    // Sums are whole panels, so channels beyond the last read the last.
    Func row = input.func;
    Var channel("c"), x("x"), y("y"), item("b");
    input.func = Func("clamped");
    input.func(channel, x, y, item) = row(min(channel, input.extent() - 1), x, y, item);
  }
  PoolStages stages = definePool(input);
  builder.set(op.getResult(), stages.result);
  int channels = 0;
  Func output = defineOutput(builder, channels);

  // Schedule.
  Var c = output.args()[0], b = output.args()[1], task("task");
  TailStrategy tail = channels % panelLanes == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  Func sum = stages.sum;
  RVar x = stages.domain.x, y = stages.domain.y;
  if (norm) {
    // Statistics need whole rows: one task an item.
    output.vectorize(c, panelLanes, tail).parallel(b);
    sum.compute_at(output, b).store_in(MemoryType::Heap).vectorize(sum.args()[0], panelLanes, tail);
    sum.update().reorder(sum.args()[0], x, y).vectorize(sum.args()[0], panelLanes, tail);
    scheduleRowReduction(norm->sum, norm->meanDomain, input.extent(), {sum, x});
    scheduleRowReduction(norm->squares, norm->varianceDomain, input.extent(), {sum, x});
    builder.describe("tasks of one item");
    return;
  }
  Var group("group"), lane("lane");
  constexpr int groupPanels = 4;
  output.split(c, group, lane, panelLanes, tail)
      .vectorize(lane)
      .fuse(group, b, task)
      .split(task, task, group, groupPanels, TailStrategy::GuardWithIf)
      .parallel(task);
  sum.compute_at(output, group)
      .store_in(MemoryType::Register)
      .bound_extent(sum.args()[0], panelLanes)
      .vectorize(sum.args()[0], panelLanes);
  sum.update().reorder(sum.args()[0], x, y).vectorize(sum.args()[0], panelLanes);
  builder.describe("tasks of " + Twine(groupPanels * panelLanes) + " channels");
}

void oriel::buildRowReduction(KernelBuilder &builder) {
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
