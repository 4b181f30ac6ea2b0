//===- InvertedResidual.cpp - MobileNetV2's block in one kernel -----------===//
//
//   1x1 conv2d -> silu | gelu -> depthwise conv2d -> silu | gelu -> 1x1 conv2d -> epilogue
//
// A task makes some lines of an item's result, one after the other. It keeps the expanded lines
// that the filter reads, a window that slides down the map: each is computed once, but for those
// around the first line of a task. The filtered line is kept for the second product. So neither of
// the wide activations leaves the second-level cache.
//
// See Gemm.cpp for the products' register tiles and DepthwiseConvolution.cpp for the filter's.
//
// Source: the block is that of Sandler et al., MobileNetV2 (2018), section 3.3; that it need not be
// in memory as a whole is their section 5.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/DepthwiseTiles.h"
#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/InvertedResidualShape.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "compiler/Kernels/TiledProduct.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::Partition,
    Halide::TailStrategy, Halide::Var;

namespace {

/// The Funcs of a block and the sizes they are scheduled by.
struct InvertedResidual {
  explicit InvertedResidual(const KernelPlan &plan) : shape(plan) {}

  InvertedResidualShape shape;
  TiledProduct expand, project;
  /// The filter's sums, computed in registers, and a line of some channels of them in scratch.
  Func filterSums, filterLine;
  /// Both activations, in scratch.
  Func expanded, filtered;
  Func output;
  /// Lines of the result of a task; channels that are filtered together.
  int lines = 1, channels = panelLanes;
};

} // namespace

/// A Func of its own for a value, to be stored.
static Func storeValue(KernelBuilder &builder, Value value, const char *name) {
  DefinedValue defined = builder.get(value);
  Func stored(name);
  Var c("c"), x("x"), y("y"), b("b");
  stored(c, x, y, b) = defined.func(c, x, y, b);
  defined.func = stored;
  builder.set(value, defined);
  return stored;
}

/// The filter reads zeros around the map. Its loop over tiles of a line is cut where they end, but
/// not if there is but one: of a test that is constant and `likely`, Halide 21 takes that of the
/// first pixel for all when it vectorises.
static void surroundWithZeros(KernelBuilder &builder, Value value, Conv2DOp filter, bool isCut) {
  DefinedValue defined = builder.get(value);
  int height = static_cast<int>(defined.shape[1]), width = static_cast<int>(defined.shape[2]);
  auto mark = [&](const Expr &value) { return isCut ? likely(value) : value; };
  Func surrounded("surrounded");
  Var c("c"), x("x"), y("y"), b("b");
  Expr inside = mark(x >= 0 && x < width) && y >= 0 && y < height;
  Expr nearest = defined.func(c, clamp(mark(x), 0, width - 1), clamp(y, 0, height - 1), b);
  surrounded(c, x, y, b) = select(inside, nearest, 0.0f);
  defined.func = surrounded;
  defined.haloY = filter.getPadding()[0];
  defined.haloX = filter.getPadding()[1];
  builder.set(value, defined);
}

/// Tiles of the next product read beyond the last pixel of a line.
static void clampPixels(KernelBuilder &builder, Value value, int width) {
  DefinedValue defined = builder.get(value);
  Func clamped("pixels");
  Var c("c"), x("x"), y("y"), b("b");
  clamped(c, x, y, b) = defined.func(c, min(x, width - 1), y, b);
  defined.func = clamped;
  builder.set(value, defined);
}

static InvertedResidual defineInvertedResidual(KernelBuilder &builder) {
  InvertedResidual block(builder.plan);
  Value expanded = builder.plan.hidden[0].getResult(), sums = block.shape.depthwise.getResult(),
        filtered = builder.plan.hidden[1].getResult();
  block.expand = defineProduct(builder, block.shape.expand);
  block.expanded = storeValue(builder, expanded, "expanded");
  int pixels = chooseDepthwisePixels(block.shape.filteredWidth, builder.target);
  surroundWithZeros(builder, expanded, block.shape.depthwise, pixels < block.shape.filteredWidth);
  block.filterSums = builder.get(sums).func;
  block.filterLine = storeValue(builder, sums, "filter_line");
  block.filtered = storeValue(builder, filtered, "filtered");
  clampPixels(builder, filtered, block.shape.filteredWidth);
  block.project = defineProduct(builder, block.shape.project);
  block.output = builder.defineOutput();
  builder.setOutput(0, block.output, builder.storedChannels());
  return block;
}

static void chooseSizes(KernelBuilder &builder, InvertedResidual &block) {
  const InvertedResidualShape &shape = block.shape;
  int64_t outputPanels = roundUpToPanel(builder.storedChannels()) / panelWidth;
  int panels = shape.channels / panelLanes;
  block.expand.tile = chooseGemmTile(shape.width, panels, builder.target);
  block.project.tile = chooseGemmTile(shape.filteredWidth, outputPanels, builder.target);
  // Four tasks of an item: each computes filterHeight - 1 lines that others compute, too.
  block.lines = chooseCount(builder, "task_lines", llvm::divideCeil(shape.filteredHeight, 4),
                            shape.filteredHeight);
  int preferred = chooseDepthwisePanels(shape.filteredWidth, panels, builder.target);
  block.channels = panelLanes * chooseDivisor(builder, "block_panels", preferred, panels);
}

/// The loops over a line's tiles of a product; returns the one over tiles. Stores beyond the line
/// are left out.
static Var splitLine(Func line, const TiledProduct &product, TailStrategy columnTail) {
  Var c = line.args()[0], x = line.args()[1];
  Var lane("lane"), r("r"), tile(Halide::Internal::unique_name("tile")), panel("panel");
  line.split(x, tile, r, product.tile.rows, TailStrategy::GuardWithIf)
      .split(c, panel, lane, product.columns(), columnTail)
      .reorder(lane, r, tile, panel)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(r);
  return tile;
}

/// The expanded lines in a buffer that holds as many as the filter reads.
static void scheduleExpanded(const InvertedResidual &block, const LoopLevel &task,
                             const LoopLevel &line) {
  Func expanded = block.expanded;
  Var y = expanded.args()[2];
  expanded.store_at(task)
      .compute_at(line)
      .store_in(MemoryType::Heap)
      .bound_extent(expanded.args()[0], block.shape.channels)
      .bound_extent(expanded.args()[1], block.shape.width);
  if (block.lines > 1) {
    expanded.fold_storage(y, block.shape.filterHeight);
  } else {
    expanded.bound_storage(y, block.shape.filterHeight);
  }
  Var tile = splitLine(expanded, block.expand, TailStrategy::RoundUp);
  scheduleTileSums(block.expand.sums.func, block.expand, {expanded, tile});
}

/// A line of the filter's result, some channels after the other.
static void scheduleFiltered(const KernelBuilder &builder, const InvertedResidual &block,
                             const LoopLevel &line) {
  Func filtered = block.filtered, sums = block.filterLine;
  Var c = filtered.args()[0], x = filtered.args()[1], channelBlock("channel_block");
  filtered.compute_at(line)
      .store_in(MemoryType::Heap)
      .bound_extent(c, block.shape.channels)
      .bound_extent(x, block.shape.filteredWidth)
      .split(c, channelBlock, c, block.channels, TailStrategy::RoundUp)
      .reorder(c, x, channelBlock)
      .vectorize(c, panelLanes, TailStrategy::RoundUp)
      .partition(x, Partition::Never)
      .partition(channelBlock, Partition::Never);
  sums.compute_at(filtered, channelBlock).store_in(MemoryType::Heap);
  int pixels = chooseDepthwisePixels(block.shape.filteredWidth, builder.target);
  scheduleDepthwiseTiles(sums, block.shape.depthwise, block.filterSums, pixels,
                         TailStrategy::RoundUp);
}

static void schedule(KernelBuilder &builder, const InvertedResidual &block) {
  TailStrategy columnTail = builder.storedChannels() % block.project.columns() == 0
                                ? TailStrategy::RoundUp
                                : TailStrategy::Predicate;
  Func output = block.output;
  Var y = output.args()[2], b = output.args()[3], task("task");
  Var tile = splitLine(output, block.project, columnTail);
  output.split(y, task, y, block.lines, TailStrategy::GuardWithIf)
      .fuse(task, b, task)
      .parallel(task)
      .partition(y, Partition::Never)
      .partition(task, Partition::Never);
  scheduleTileSums(block.project.sums.func, block.project, {output, tile});
  scheduleFiltered(builder, block, {output, y});
  scheduleExpanded(block, {output, task}, {output, y});
}

void oriel::buildInvertedResidual(KernelBuilder &builder) {
  InvertedResidual block = defineInvertedResidual(builder);
  chooseSizes(builder, block);
  schedule(builder, block);
  builder.describe("register tiles " + Twine(block.expand.tile.rows) + "x" +
                   Twine(block.expand.columns()) + " and " + Twine(block.project.tile.rows) + "x" +
                   Twine(block.project.columns()) + ", tasks of " + Twine(block.lines) +
                   " lines, " + Twine(block.channels) + " channels filtered together");
}
