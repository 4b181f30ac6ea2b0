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
#include "compiler/Kernels/PreparedRows.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "compiler/Kernels/TiledProduct.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar, Halide::Stage,
    Halide::TailStrategy, Halide::Var;

namespace {

/// The Funcs of a GEMM and the sizes they are scheduled by.
struct Gemm {
  Func output;
  TiledProduct product;
  PreparedRows rows;
  GemmBlocks blocks{};
  TailStrategy columnTail = TailStrategy::RoundUp;
};

} // namespace

static Gemm defineGemm(KernelBuilder &builder) {
  Gemm gemm;
  gemm.rows = prepareRows(builder, builder.plan.anchor);
  gemm.product = defineProduct(builder, builder.plan.anchor);
  gemm.output = builder.defineOutput();
  builder.setOutput(0, gemm.output, builder.storedChannels());
  return gemm;
}

/// Sizes of tiles and blocks for `rows` rows of an item, of which `tiled` are one dimension.
static void chooseSizes(KernelBuilder &builder, Gemm &gemm, int64_t tiled, int64_t rows) {
  int channels = builder.storedChannels();
  int64_t panels = roundUpToPanel(channels) / panelWidth;
  gemm.product.tile = choosePanelTile(builder, tiled, panels);
  gemm.blocks =
      chooseGemmBlocks({rows, panels, reductionDepth(builder.plan.anchor), !gemm.rows.isEmpty()},
                       gemm.product.tile, builder.target);
  int columns = gemm.product.columns();
  gemm.columnTail = channels % columns == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  builder.describe("register tile " + Twine(gemm.product.tile.rows) + "x" + Twine(columns));
}

/// Lets the request choose the blocks of a task.
static void chooseTask(KernelBuilder &builder, Gemm &gemm, int64_t rows) {
  GemmTile tile = gemm.product.tile;
  GemmBlocks &blocks = gemm.blocks;
  blocks.tiles =
      chooseCount(builder, "task_tiles", blocks.tiles, llvm::divideCeil(rows, int64_t(tile.rows)));
  int64_t panelTiles = roundUpToPanel(builder.storedChannels()) / gemm.product.columns();
  blocks.panels = tile.panels * chooseDivisor(builder, "task_panel_tiles",
                                              blocks.panels / tile.panels, panelTiles);
  if (gemm.product.parts > 1) {
    return;
  }
  // Summed in parts, a block is computed whole: what it reads behind the last row must be slack, or
  // rows in scratch.
  int64_t depth = reductionDepth(builder.plan.anchor), preferred = depth;
  std::vector<int64_t> depths = {depth};
  if (!gemm.rows.isEmpty() || blocks.tiles * tile.rows <= arenaSlackRows) {
    constexpr int64_t leastDepth = 32;
    preferred = blocks.depth;
    depths = divisorsOf(depth);
    llvm::erase_if(depths, [](int64_t part) { return part < leastDepth; });
  }
  blocks.depth = static_cast<int>(builder.choose("depth", preferred, depths));
}

/// sums = bias + the sum over blocks of k of their partial sums. Those of a tile lie in registers,
/// the sums of a task in scratch, so that the part of a panel that a block reads stays in the
/// first-level cache for all rows of the task.
static void scheduleBlockedSums(KernelBuilder &builder, Gemm &gemm, const LoopLevel &task) {
  Func sums = gemm.product.sums.func;
  Var n = sums.args()[0], row = sums.args()[1], block("k_block");
  Stage update = sums.update();
  RVar k(update.get_schedule().rvars()[0].var), outer("k_outer"), inner("k_inner");
  update.split(k, outer, inner, gemm.blocks.depth);
  Func partial = update.rfactor(outer, block);
  sums.compute_at(task)
      .store_in(MemoryType::Heap)
      .bound_extent(n, gemm.blocks.panels * panelLanes)
      .bound_extent(row, gemm.blocks.tiles * gemm.product.tile.rows);
  splitIntoTiles(sums, gemm.product, n, row);
  Stage accumulate = sums.update();
  accumulate.reorder(n, row, outer);
  Var tile = splitIntoTiles(accumulate, gemm.product, n, row);
  prefetchPanels(builder, builder.plan.anchor, gemm.product, gemm.blocks.depth,
                 {{tile.name(), gemm.blocks.tiles}});
  scheduleTileSums(partial, gemm.product, {sums, tile});
}

/// The sums of a tile of the output, computed at `tile`, whose rows are the loop `row`. Silu and
/// gelu need so many registers that the compiler takes them from the sums, all along the reduction:
/// there each row of sums is read from scratch, which an epilogue that only adds would wait for.
static void scheduleSumsOfOutput(KernelBuilder &builder, Gemm &gemm, const Var &tile,
                                 const Var &row) {
  bool hasFunction =
      llvm::any_of(builder.plan.epilogue, [](Operation *op) { return isa<SiluOp, GeluOp>(op); });
  if (hasFunction) {
    scheduleTileThroughScratch(gemm.product, {gemm.output, tile});
  } else {
    gemm.output.unroll(row);
    scheduleTileSums(gemm.product.sums.func, gemm.product, {gemm.output, tile});
  }
}

/// All rows of the batch as one dimension, in blocks of tiles; groups of panels where blocks are
/// few.
static void scheduleFlat(KernelBuilder &builder, Gemm &gemm) {
  int64_t rows = gemm.product.sums.shape[0];
  chooseSizes(builder, gemm, rows, rows);
  chooseTask(builder, gemm, rows);
  int blockRows = gemm.blocks.tiles * gemm.product.tile.rows;
  bool isBlocked =
      gemm.product.parts == 1 && gemm.blocks.depth < reductionDepth(builder.plan.anchor);
  builder.describe(
      "tasks of " + Twine(blockRows) + " rows and " + Twine(gemm.blocks.panels * panelWidth) +
      " columns" +
      (isBlocked ? ", the reduction in parts of " + std::to_string(gemm.blocks.depth) : ""));
  Func output = gemm.output;
  Var c = output.args()[0], row = output.args()[1];
  Var lane("lane"), r("r"), tile("tile"), panel("panel"), group("group"), block("block"),
      task("task");
  output.split(row, tile, r, gemm.product.tile.rows, TailStrategy::GuardWithIf)
      .split(tile, block, tile, gemm.blocks.tiles, TailStrategy::GuardWithIf)
      .split(c, panel, lane, gemm.product.columns(), gemm.columnTail)
      .split(panel, group, panel, gemm.blocks.panels / gemm.product.tile.panels)
      .reorder(lane, r, tile, panel, group, block)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .fuse(group, block, task)
      .parallel(task);
  if (isBlocked) {
    output.unroll(r);
    scheduleBlockedSums(builder, gemm, {output, task});
  } else {
    prefetchPanels(builder, builder.plan.anchor, gemm.product, gemm.blocks.depth,
                   {{tile.name(), gemm.blocks.tiles}}, accessedRows(builder, gemm.product, output));
    scheduleSumsOfOutput(builder, gemm, tile, r);
  }
  schedulePreparedRows(builder, gemm.rows, {output, task}, blockRows);
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
  int height = static_cast<int>(gemm.product.sums.shape[1]),
      width = static_cast<int>(gemm.product.sums.shape[2]);
  chooseSizes(builder, gemm, width, int64_t(height) * width);
  // Equal blocks of whole items: none is partial. Four of them at least, for two threads.
  int fitting = gemm.blocks.tiles * gemm.product.tile.rows / width;
  int blockHeight = chooseDivisor(builder, "task_lines",
                                  largestDivisor(height, std::min(fitting, height / 4)), height);
  builder.describe("tasks of " + Twine(blockHeight) + " lines of " + Twine(width) + " rows");
  Func output = gemm.output;
  Var c = output.args()[0], x = output.args()[1], y = output.args()[2], b = output.args()[3];
  Var lane("lane"), r("r"), tile("tile"), panel("panel"), line("line"), task("task");
  output.split(x, tile, r, gemm.product.tile.rows, TailStrategy::GuardWithIf)
      .split(c, panel, lane, gemm.product.columns(), gemm.columnTail)
      .fuse(y, b, line)
      .split(line, task, line, blockHeight, TailStrategy::RoundUp);
  // Lines in scratch serve all panels, so they stand outside of them.
  if (gemm.rows.isEmpty()) {
    output.reorder(lane, r, tile, line, panel, task);
  } else {
    output.reorder(lane, r, tile, panel, line, task);
  }
  output.vectorize(lane, panelLanes).unroll(lane).parallel(task);
  int64_t lineTiles = llvm::divideCeil(width, gemm.product.tile.rows);
  std::vector<PanelPrefetch::Loop> tiles = {{tile.name(), lineTiles}};
  if (gemm.rows.isEmpty()) {
    tiles.insert(tiles.begin(), {line.name(), blockHeight});
  }
  prefetchPanels(builder, builder.plan.anchor, gemm.product,
                 static_cast<int>(reductionDepth(builder.plan.anchor)), tiles,
                 accessedRows(builder, gemm.product, output));
  scheduleSumsOfOutput(builder, gemm, tile, r);
  schedulePreparedRows(builder, gemm.rows, {output, line}, std::nullopt);
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
