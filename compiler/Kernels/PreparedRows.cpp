//===- PreparedRows.cpp - Rows that a product reads from scratch ----------===//

#include "compiler/Kernels/PreparedRows.h"

#include "compiler/Kernels/RowReductionSchedule.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::TailStrategy,
    Halide::Var;

DefinedValue oriel::clampRows(KernelBuilder &builder, const DefinedValue &input) {
  Expr rows = builder.batch() * static_cast<int>(input.shape[0]);
  DefinedValue clamped = input;
  clamped.func = Func("rows");
  Var c("c"), row("row");
  clamped.func(c, row) = input.func(c, min(row, rows - 1));
  return clamped;
}

/// patch_merge of a flat map: with k = c / C, result row (y, x) is row (2y + k mod 2, 2x + k/2) of
/// the input, y counted through all items of the batch.
static DefinedValue mergeFlatPatches(KernelBuilder &builder, PatchMergeOp op) {
  const DefinedValue &input = builder.get(op.getInput());
  int channels = input.extent(), width = static_cast<int>(op.getInput().getType().getShape()[2]);
  Expr rows = builder.batch() * static_cast<int>(input.shape[0] / 4);
  DefinedValue merged{Func("patch_merge"), {input.shape[0] / 4, 4 * input.shape[1]}};
  Var c("c"), row("row");
  Expr k = c / channels, position = min(row, rows - 1);
  Expr y = position / (width / 2), x = position % (width / 2);
  merged.func(c, row) =
      input.func(c % channels, (2 * y + k % 2) * width + 2 * x + clamp(k / 2, 0, 1));
  return merged;
}

PreparedRows oriel::prepareRows(KernelBuilder &builder, Operation *product) {
  PreparedRows prepared;
  LayerNormOp norm = builder.plan.rowStatistics;
  Value input = norm ? norm.getInput() : product->getOperand(0);
  auto merge = input.getDefiningOp<PatchMergeOp>();
  DefinedValue rows;
  if (merge && builder.isFlat()) {
    rows = mergeFlatPatches(builder, merge);
  } else if (norm || merge) {
    rows = builder.isFlat() ? clampRows(builder, builder.get(input)) : builder.get(input);
  } else {
    return prepared;
  }
  if (merge) {
    prepared.gathered = rows;
  }
  if (norm) {
    prepared.norm =
        defineLayerNorm(norm, rows, builder.get(norm.getGamma()), builder.get(norm.getBeta()));
    rows = prepared.norm->result;
  }
  builder.set(product->getOperand(0), rows);
  return prepared;
}

/// Whether whole vectors of a row may be read, and so computed.
static TailStrategy channelTail(const KernelBuilder &builder, int channels) {
  bool partial = channels % panelLanes != 0 && builder.readsPartialPanels();
  return partial ? TailStrategy::GuardWithIf : TailStrategy::RoundUp;
}

/// The channel divided by C (see mergeFlatPatches) is a loop of its own.
static void scheduleGathered(const DefinedValue &rows) {
  Func gathered = rows.func;
  Var channel = gathered.args()[0], quarter("quarter");
  int channels = rows.extent() / 4;
  gathered.bound_extent(channel, 4 * channels).split(channel, quarter, channel, channels);
  gathered.vectorize(channel, panelLanes,
                     channels % panelLanes == 0 ? TailStrategy::RoundUp
                                                : TailStrategy::GuardWithIf);
}

/// Whether a row is normalised in registers, without loops over its vectors. (Measured, products
/// with layer_norm: AVX-512, 96 to 240 channels 0.3 to 2 % faster; AVX2, of whose 16 registers 96
/// channels take 12, 0.2 % slower.)
static bool staysInRegisters(const KernelTarget &target, int channels) {
  return channels % panelLanes == 0 && channels / target.vectorWidth <= target.vectorRegisters / 2;
}

void oriel::schedulePreparedRows(KernelBuilder &builder, const PreparedRows &rows,
                                 const LoopLevel &block, std::optional<int> blockRows) {
  if (rows.isEmpty()) {
    return;
  }
  DefinedValue prepared = rows.norm ? rows.norm->result : *rows.gathered;
  Func func = prepared.func;
  Var c = func.args()[0], row = func.args()[1];
  func.compute_at(block).store_in(MemoryType::Heap);
  func.bound_storage(c, static_cast<int>(rowPitch(prepared.extent())));
  if (blockRows) {
    func.bound_extent(row, *blockRows);
  }
  LoopLevel atRow(func, row);
  if (rows.gathered) {
    scheduleGathered(*rows.gathered);
  }
  if (rows.gathered && rows.norm) {
    Func(rows.gathered->func).compute_at(atRow).store_in(MemoryType::Stack);
  }
  if (rows.norm) {
    int extent = prepared.extent();
    func.vectorize(c, panelLanes,
                   rows.gathered ? TailStrategy::GuardWithIf : channelTail(builder, extent));
    bool unrolls = !rows.gathered && staysInRegisters(builder.target, extent);
    if (unrolls) {
      func.bound_extent(c, extent).unroll(c);
    }
    scheduleRowReduction(rows.norm->sum, rows.norm->meanDomain, extent, atRow, unrolls);
    scheduleRowReduction(rows.norm->squares, rows.norm->varianceDomain, extent, atRow, unrolls);
  }
}
