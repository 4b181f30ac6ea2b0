//===- Gemm.cpp - Linear layers and 1x1 convolutions ----------------------===//
//
//   [patch_merge | concat] [layer_norm] -> linear | conv2d 1x1 -> epilogue
//
// The weights lie in panels [N/16][K][16]. A register tile of rows x panels is summed over all of
// K, starting from the bias; the epilogue runs on the tile as it is stored. Rows are tiled as one
// dimension where memory is dense, else along x. There are no tails within a tile: it is computed
// whole, reading over the edge where need be, and only the stores beyond the last row are left out.
//
// With layer_norm or patch_merge a block of rows is prepared in scratch once, then multiplied with
// all panels.
//
// Source: the loop order is that of Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication (2008), without packing of the rows: they stay in the second-level cache.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GemmTile.h"
#include "compiler/Kernels/RowReductionSchedule.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar,
    Halide::Stage, Halide::TailStrategy, Halide::Var;

namespace {

/// The Funcs of a GEMM and the sizes they are scheduled by.
struct Gemm {
  Func output;
  /// The product with the bias, one update for each part of the reduction.
  DefinedValue sums;
  int parts = 1;
  /// Rows gathered by patch_merge and rows normalised, where there are such.
  std::optional<DefinedValue> gathered;
  std::optional<LayerNormStages> norm;
  GemmTile tile{};
  GemmBlocks blocks{};
  int columns = 0;
  TailStrategy columnTail = TailStrategy::RoundUp;
};

} // namespace

/// Whether whole vectors of a row may be read, and so computed.
static TailStrategy channelTail(KernelBuilder &builder, int channels) {
  bool partial = channels % panelLanes != 0 && builder.readsPartialPanels();
  return partial ? TailStrategy::GuardWithIf : TailStrategy::RoundUp;
}

/// patch_merge of a flat map: with k = c / C, result row (y, x) is row (2y + k mod 2, 2x + k/2) of
/// the input, y counted through all items of the batch.
static DefinedValue mergeFlatPatches(PatchMergeOp op, const DefinedValue &input, const Expr &rows) {
  int channels = input.extent(), width = static_cast<int>(op.getInput().getType().getShape()[2]);
  DefinedValue merged{Func("patch_merge"), {input.shape[0] / 4, 4 * input.shape[1]}};
  Var c("c"), row("row");
  Expr k = c / channels, position = min(row, rows - 1);
  Expr y = position / (width / 2), x = position % (width / 2);
  merged.func(c, row) =
      input.func(c % channels, (2 * y + k % 2) * width + 2 * x + clamp(k / 2, 0, 1));
  return merged;
}

/// `input` with rows beyond the last one replaced by it: blocks in scratch reach farther than an
/// arena's slack.
static DefinedValue clampRows(const DefinedValue &input, const Expr &rows) {
  DefinedValue clamped = input;
  clamped.func = Func("rows");
  Var c("c"), row("row");
  clamped.func(c, row) = input.func(c, min(row, rows - 1));
  return clamped;
}

/// Defines what the product reads in place of layer_norm and patch_merge.
static void prepareRows(KernelBuilder &builder, Gemm &gemm) {
  const KernelPlan &plan = builder.plan;
  Value input =
      plan.rowStatistics ? LayerNormOp(plan.rowStatistics).getInput() : plan.anchor->getOperand(0);
  auto merge = input.getDefiningOp<PatchMergeOp>();
  DefinedValue rows;
  if (merge && builder.isFlat()) {
    const DefinedValue &map = builder.get(merge.getInput());
    rows = mergeFlatPatches(merge, map, builder.batch() * static_cast<int>(map.shape[0] / 4));
  } else if (plan.rowStatistics || merge) {
    rows = builder.get(input);
    if (builder.isFlat()) {
      rows = clampRows(rows, builder.batch() * static_cast<int>(rows.shape[0]));
    }
  } else {
    return;
  }
  if (merge) {
    gemm.gathered = rows;
  }
  if (plan.rowStatistics) {
    LayerNormOp op = plan.rowStatistics;
    gemm.norm = defineLayerNorm(op, rows, builder.get(op.getGamma()), builder.get(op.getBeta()));
    rows = gemm.norm->result;
  }
  builder.set(plan.anchor->getOperand(0), rows);
}

static Gemm defineGemm(KernelBuilder &builder) {
  Gemm gemm;
  Operation *anchor = builder.plan.anchor;
  prepareRows(builder, gemm);
  SmallVector<DefinedValue> parts;
  auto concat = anchor->getOperand(0).getDefiningOp<ConcatOp>();
  for (Value operand : concat ? concat->getOperands() : anchor->getOperands().take_front()) {
    parts.push_back(builder.get(operand));
  }
  std::optional<DefinedValue> bias;
  if (anchor->getNumOperands() > 2) {
    bias = builder.get(anchor->getOperand(2));
  }
  gemm.parts = static_cast<int>(parts.size());
  gemm.sums =
      defineLinear("sums", parts, builder.get(anchor->getOperand(1)), bias ? &*bias : nullptr);
  builder.set(anchor->getResult(0), gemm.sums);

  gemm.output = Func("out0");
  const DefinedValue &result = builder.get(builder.result());
  std::vector<Var> arguments = outerDimensions(result.rank() - 1);
  arguments.insert(arguments.begin(), Var("c"));
  gemm.output(arguments) = result.func(std::vector<Expr>(arguments.begin(), arguments.end()));
  builder.setOutput(0, gemm.output, builder.storedChannels());
  return gemm;
}

/// The extent of the reduction.
static int64_t depthOf(const KernelBuilder &builder) {
  Value input = builder.plan.anchor->getOperand(0);
  return cast<RankedTensorType>(input.getType()).getShape().back();
}

/// Sizes of tiles and blocks for `rows` rows of an item, of which `tiled` are one dimension.
static void chooseSizes(KernelBuilder &builder, Gemm &gemm, int64_t tiled, int64_t rows) {
  int channels = builder.storedChannels();
  int64_t panels = roundUpToPanel(channels) / panelWidth;
  gemm.tile = chooseGemmTile(tiled, panels, builder.target);
  gemm.blocks = chooseGemmBlocks(rows, panels, depthOf(builder), gemm.tile, builder.target);
  gemm.columns = gemm.tile.panels * panelLanes;
  gemm.columnTail = channels % gemm.columns == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  builder.describe("register tile " + Twine(gemm.tile.rows) + "x" + Twine(gemm.columns));
}

/// A tile's sums: all in registers, the reduction outermost.
static void scheduleTile(Func sums, const Gemm &gemm, const LoopLevel &tileLevel) {
  Var n = sums.args()[0], row = sums.args()[1];
  sums.compute_at(tileLevel)
      .store_in(MemoryType::Register)
      .bound_extent(n, gemm.columns)
      .bound_extent(row, gemm.tile.rows)
      .vectorize(n, panelLanes)
      .unroll(n)
      .unroll(row);
  for (int part = 0; part < gemm.parts; ++part) {
    Stage update = sums.update(part);
    RVar k(update.get_schedule().rvars()[0].var);
    update.reorder(n, row, k).vectorize(n, panelLanes).unroll(n).unroll(row);
  }
}

/// The loops of a stage over (c, row), register tile by register tile; returns that over a panel's
/// tiles.
template <typename StageOrFunc>
static Var splitIntoTiles(StageOrFunc &stage, const Gemm &gemm, const Var &c, const Var &row) {
  Var lane("lane"), r("r"), tile(Halide::Internal::unique_name("tile")), panel("panel");
  stage.split(row, tile, r, gemm.tile.rows, TailStrategy::RoundUp)
      .split(c, panel, lane, gemm.columns, TailStrategy::RoundUp)
      .reorder(lane, r, tile, panel)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(r);
  return tile;
}

/// sums = bias + the sum over blocks of k of their partial sums. Those of a tile lie in registers,
/// the sums of a task in scratch, so that the part of a panel that a block reads stays in the
/// first-level cache for all rows of the task.
static void scheduleBlockedSums(Gemm &gemm, const LoopLevel &task) {
  Func sums = gemm.sums.func;
  Var n = sums.args()[0], row = sums.args()[1], block("k_block");
  Stage update = sums.update();
  RVar k(update.get_schedule().rvars()[0].var), outer("k_outer"), inner("k_inner");
  update.split(k, outer, inner, gemm.blocks.depth);
  Func partial = update.rfactor(outer, block);
  sums.compute_at(task)
      .store_in(MemoryType::Heap)
      .bound_extent(n, gemm.blocks.panels * panelLanes)
      .bound_extent(row, gemm.blocks.tiles * gemm.tile.rows);
  splitIntoTiles(sums, gemm, n, row);
  Stage accumulate = sums.update();
  accumulate.reorder(n, row, outer);
  scheduleTile(partial, gemm, {sums, splitIntoTiles(accumulate, gemm, n, row)});
}

/// Rows in scratch, computed at `block`.
static void schedulePreparedRows(KernelBuilder &builder, Gemm &gemm, const LoopLevel &block,
                                 std::optional<int> blockRows) {
  if (!gemm.norm && !gemm.gathered) {
    return;
  }
  DefinedValue prepared = gemm.norm ? gemm.norm->result : *gemm.gathered;
  Func func = prepared.func;
  Var c = func.args()[0], row = func.args()[1];
  func.compute_at(block).store_in(MemoryType::Heap);
  if (blockRows) {
    func.bound_extent(row, *blockRows);
  }
  LoopLevel atRow(func, row);
  if (gemm.gathered) {
    // The channel divided by C (see mergeFlatPatches) is a loop of its own.
    Func gathered = gemm.gathered->func;
    Var channel = gathered.args()[0], quarter("quarter");
    int channels = gemm.gathered->extent() / 4;
    gathered.bound_extent(channel, 4 * channels).split(channel, quarter, channel, channels);
    gathered.vectorize(channel, panelLanes,
                       channels % panelLanes == 0 ? TailStrategy::RoundUp
                                                  : TailStrategy::GuardWithIf);
    if (gemm.norm) {
      gathered.compute_at(atRow).store_in(MemoryType::Stack);
    }
  }
  if (gemm.norm) {
    int extent = prepared.extent();
    func.vectorize(c, panelLanes,
                   gemm.gathered ? TailStrategy::GuardWithIf : channelTail(builder, extent));
    scheduleRowReduction(gemm.norm->sum, gemm.norm->meanDomain, extent, atRow);
    scheduleRowReduction(gemm.norm->squares, gemm.norm->varianceDomain, extent, atRow);
  }
}

/// All rows of the batch as one dimension, in blocks of tiles; groups of panels where blocks are
/// few.
static void scheduleFlat(KernelBuilder &builder, Gemm &gemm) {
  int64_t rows = gemm.sums.shape[0];
  chooseSizes(builder, gemm, rows, rows);
  int blockRows = gemm.blocks.tiles * gemm.tile.rows;
  bool isBlocked = gemm.parts == 1 && gemm.blocks.depth < depthOf(builder);
  builder.describe(
      "tasks of " + Twine(blockRows) + " rows and " + Twine(gemm.blocks.panels * panelWidth) +
      " columns" +
      (isBlocked ? ", the reduction in parts of " + std::to_string(gemm.blocks.depth) : ""));
  Func output = gemm.output;
  Var c = output.args()[0], row = output.args()[1];
  Var lane("lane"), r("r"), tile("tile"), panel("panel"), group("group"), block("block"),
      task("task");
  output.split(row, tile, r, gemm.tile.rows, TailStrategy::GuardWithIf)
      .split(tile, block, tile, gemm.blocks.tiles, TailStrategy::GuardWithIf)
      .split(c, panel, lane, gemm.columns, gemm.columnTail)
      .split(panel, group, panel, gemm.blocks.panels / gemm.tile.panels)
      .reorder(lane, r, tile, panel, group, block)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(r)
      .fuse(group, block, task)
      .parallel(task);
  if (isBlocked) {
    scheduleBlockedSums(gemm, {output, task});
  } else {
    scheduleTile(gemm.sums.func, gemm, {output, tile});
  }
  schedulePreparedRows(builder, gemm, {output, task}, blockRows);
}

/// Largest divisor of `height` up to `limit`.
static int largestDivisor(int height, int limit) {
  int divisor = std::clamp(limit, 1, height);
  while (height % divisor != 0) {
    --divisor;
  }
  return divisor;
}

/// Rows tiled along x; blocks of some y of one item.
static void scheduleMap(KernelBuilder &builder, Gemm &gemm) {
  int height = static_cast<int>(gemm.sums.shape[1]), width = static_cast<int>(gemm.sums.shape[2]);
  chooseSizes(builder, gemm, width, int64_t(height) * width);
  // Equal blocks of whole items: none is partial. Four of them at least, for two threads.
  int fitting = gemm.blocks.tiles * gemm.tile.rows / width;
  int blockHeight = largestDivisor(height, std::min(fitting, height / 4));
  builder.describe("tasks of " + Twine(blockHeight) + " lines of " + Twine(width) + " rows");
  Func output = gemm.output;
  Var c = output.args()[0], x = output.args()[1], y = output.args()[2], b = output.args()[3];
  Var lane("lane"), r("r"), tile("tile"), panel("panel"), line("line"), task("task");
  output.split(x, tile, r, gemm.tile.rows, TailStrategy::GuardWithIf)
      .split(c, panel, lane, gemm.columns, gemm.columnTail)
      .fuse(y, b, line)
      .split(line, task, line, blockHeight, TailStrategy::RoundUp);
  // Lines in scratch serve all panels, so they stand outside of them.
  if (gemm.norm || gemm.gathered) {
    output.reorder(lane, r, tile, panel, line, task);
  } else {
    output.reorder(lane, r, tile, line, panel, task);
  }
  output.vectorize(lane, panelLanes).unroll(lane).unroll(r).parallel(task);
  scheduleTile(gemm.sums.func, gemm, {output, tile});
  schedulePreparedRows(builder, gemm, {output, line}, std::nullopt);
}

void oriel::buildGemm(KernelBuilder &builder) {
  if (builder.rowsAreDense()) {
    builder.flattenRows();
  }
  Gemm gemm = defineGemm(builder);
  if (builder.isFlat()) {
    scheduleFlat(builder, gemm);
  } else {
    scheduleMap(builder, gemm);
  }
}
