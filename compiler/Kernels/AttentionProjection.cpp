//===- AttentionProjection.cpp - Attention and what mixes its heads -------===//
//
//   attention (see Attention.cpp), its window movement on both sides
//   -> linear | 1x1 conv2d -> epilogue
//
// The projection acts row by row, so it commutes with the movement out of windows: a task computes
// all heads of a few groups into rows of scratch, multiplies those with the weight in tiles that
// run over them as over one dimension, and only then scatters them to their pixels, from where the
// epilogue's residual is gathered, too. Each task reads the weight whole, which is what limits the
// gain.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Attention.h"
#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "compiler/Kernels/TiledProduct.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RDom, Halide::RVar,
    Halide::Stage, Halide::TailStrategy, Halide::Var;

namespace {

/// The Funcs of an attention with its projection, of which each task p of an item has the rows of a
/// few groups: (c, row, p, b). Token t of its group g is row g * tokens + t.
struct AttentionProjection {
  /// Its output are the rows that the projection reads, in scratch.
  Attention attention;
  TiledProduct project;
  /// The pixels of rows where windows move, Funcs of (row, p).
  Func pixelX, pixelY;
  /// Stored by one update over (row, p, b) for all channels.
  Func output;
  RDom stored;
  llvm::ArrayRef<Operation *> outputMaps;
  /// Of a task; divides the number of groups, as what is behind the last one cannot be read.
  int groups = 1;
  bool copiesAllHeads = false;

  int tokens() const { return attention.queries; }
  int tasks() const { return attention.groups / groups; }
  int taskRows() const { return groups * tokens(); }
  int tiles() const { return static_cast<int>(llvm::divideCeil(taskRows(), project.tile.rows)); }

  /// The group of a row, and its token there.
  Expr groupOf(const Expr &row, const Expr &p) const { return p * groups + row / tokens(); }
  Expr tokenOf(const Expr &row) const { return row % tokens(); }
};

} // namespace

/// Cycles of a step of the reduction, of a row and panel of a task of `rows` rows.
static double cyclesOfRow(int64_t rows, int64_t panels, const KernelTarget &target) {
  GemmTile tile = chooseGemmTile(rows, panels, target);
  int vectors = static_cast<int>(tile.panels * panelWidth / target.vectorWidth);
  double cycles = cyclesPerStep({tile.rows, vectors}, ColumnSource::SecondLevelCache, target);
  auto tiles = static_cast<double>(llvm::divideCeil(rows, int64_t(tile.rows)));
  return cycles * tiles / static_cast<double>(rows * tile.panels);
}

/// As few groups as have whole register tiles of rows, of the numbers that two threads share
/// evenly.
static int64_t preferredGroups(const Attention &attention, int64_t panels,
                               const KernelTarget &target) {
  constexpr int64_t mostRows = 200;
  constexpr double better = 0.995;
  int64_t best = 1;
  for (int64_t groups : divisorsOf(attention.groups)) {
    int64_t rows = groups * attention.queries, fewer = best * attention.queries;
    bool isEven = attention.groups / groups % 2 == 0;
    if (isEven && rows <= mostRows &&
        cyclesOfRow(rows, panels, target) < better * cyclesOfRow(fewer, panels, target)) {
      best = groups;
    }
  }
  return best;
}

/// Whether a third of the second-level cache holds the rows of q, k and v that a group reads, so
/// that those of k and v are copied for all heads at once.
/// (Measured: 3 % faster for 96 channels, as they lie in memory one behind the other; 3 % slower
/// for 768.)
static bool prefersAllHeads(const Attention &attention, const KernelTarget &target) {
  int64_t channels = int64_t(attention.queries + attention.keys) * attention.channels +
                     int64_t(attention.keys) * attention.valueChannels;
  return channels * attention.heads * int64_t(sizeof(float)) <= target.l2Bytes / 3;
}

static void chooseSizes(KernelBuilder &builder, AttentionProjection &kernel) {
  Attention &attention = kernel.attention;
  chooseAttentionTiles(builder, attention);
  int64_t panels = roundUpToPanel(builder.storedChannels()) / panelWidth;
  kernel.groups = chooseDivisor(
      builder, "task_groups", preferredGroups(attention, panels, builder.target), attention.groups);
  kernel.copiesAllHeads =
      builder.choose("copies_all_heads", prefersAllHeads(attention, builder.target), {0, 1}) == 1;
  kernel.project.tile = choosePanelTile(builder, kernel.taskRows(), panels);
}

/// The heads side by side in the rows that the projection reads.
static void defineMergedRows(KernelBuilder &builder, AttentionProjection &kernel) {
  Attention &attention = kernel.attention;
  attention.stored = RDom({{0, attention.valueChannels},
                           {0, attention.queries},
                           {0, attention.heads},
                           {0, kernel.groups}},
                          "heads");
  attention.output = Func("merged");
  RDom &r = attention.stored;
  Var c("c"), row("row"), p("p"), b("b");
  attention.output(c, row, p, b) = Halide::undef<float>();
  attention.output(r[2] * attention.valueChannels + r[0], r[3] * kernel.tokens() + r[1], p, b) =
      attention.result(r[0], r[1], r[2], p * kernel.groups + r[3], b);
  Value rows = builder.plan.anchor->getOperand(0);
  auto shape = cast<RankedTensorType>(rows.getType()).getShape();
  builder.set(rows,
              {attention.output, {shape[0], kernel.tasks(), kernel.taskRows(), shape.back()}});
}

static void definePixels(AttentionProjection &kernel) {
  if (!kernel.outputMaps.empty()) {
    TokenMap map(kernel.outputMaps);
    Var row("row"), p("p");
    kernel.pixelX = Func("row_x");
    kernel.pixelY = Func("row_y");
    kernel.pixelX(row, p) = map.x(kernel.tokenOf(row), kernel.groupOf(row, p));
    kernel.pixelY(row, p) = map.y(kernel.tokenOf(row), kernel.groupOf(row, p));
  }
}

/// The coordinates between channel and batch of a row in memory.
static std::pair<Expr, Expr> coordinatesOf(AttentionProjection &kernel, const Expr &row,
                                           const Expr &p) {
  if (kernel.outputMaps.empty()) {
    return {kernel.tokenOf(row), kernel.groupOf(row, p)};
  }
  TokenMap map(kernel.outputMaps);
  // Bounds inference does not see that the tables hold pixels of the map.
  return {unsafe_promise_clamped(kernel.pixelX(row, p), 0, map.getWidth() - 1),
          unsafe_promise_clamped(kernel.pixelY(row, p), 0, map.getHeight() - 1)};
}

/// Lets the epilogue read its operands by rows.
static void gatherResiduals(KernelBuilder &builder, AttentionProjection &kernel) {
  llvm::SetVector<Value> residuals;
  for (Operation *op : builder.plan.epilogue) {
    for (Value operand : op->getOperands()) {
      if (isa<BlockArgument>(operand) && builder.get(operand).rank() == 4) {
        residuals.insert(operand);
      }
    }
  }
  for (Value residual : residuals) {
    DefinedValue map = builder.get(residual);
    Func gathered("residual");
    Var c("c"), row("row"), p("p"), b("b");
    auto [x, y] = coordinatesOf(kernel, row, p);
    gathered(c, row, p, b) = map.func(c, x, y, b);
    builder.set(residual,
                {gathered, {map.shape[0], kernel.tasks(), kernel.taskRows(), map.shape[3]}});
  }
}

static void defineOutput(KernelBuilder &builder, AttentionProjection &kernel) {
  kernel.stored =
      RDom({{0, kernel.taskRows()}, {0, kernel.tasks()}, {0, builder.batch()}}, "stored");
  RDom &r = kernel.stored;
  Func result = builder.get(builder.result()).func;
  auto [x, y] = coordinatesOf(kernel, r[0], r[1]);
  kernel.output = Func("out0");
  Var c("c");
  kernel.output(c, Var("x"), Var("y"), Var("b")) = builder.unset();
  kernel.output(c, x, y, r[2]) = builder.toStored(result(c, r[0], r[1], r[2]));
  builder.setOutput(0, kernel.output, builder.storedChannels());
}

static AttentionProjection defineKernel(KernelBuilder &builder) {
  AttentionProjection kernel;
  kernel.outputMaps = builder.plan.attention.outputMaps;
  kernel.attention = defineAttention(builder);
  chooseSizes(builder, kernel);
  defineMergedRows(builder, kernel);
  GemmTile tile = kernel.project.tile;
  kernel.project = defineProduct(builder, builder.plan.anchor);
  kernel.project.tile = tile;
  definePixels(kernel);
  gatherResiduals(builder, kernel);
  defineOutput(builder, kernel);
  return kernel;
}

/// The merged rows of a task, one group after the other, computed at `task`. The last tile's rows
/// may go on behind them, where scratch holds anything.
static void scheduleMergedRows(KernelBuilder &builder, AttentionProjection &kernel,
                               const LoopLevel &task) {
  Func merged = kernel.attention.output;
  Var c = merged.args()[0], row = merged.args()[1];
  int channels = kernel.attention.heads * kernel.attention.valueChannels;
  merged.compute_at(task)
      .store_in(MemoryType::Heap)
      .bound_extent(c, channels)
      .bound_storage(c, static_cast<int>(rowPitch(channels)))
      .bound_extent(row, kernel.tiles() * kernel.project.tile.rows);
  LoopLevel group(merged, kernel.attention.stored[3]);
  scheduleAttentionOfGroup(kernel.attention, builder.target, group, kernel.copiesAllHeads);
}

/// The tiles of the output, all tiles of rows of a panel one after the other. Silu and gelu read
/// the sums from scratch, see Gemm.cpp.
static LoopLevel scheduleOutput(KernelBuilder &builder, AttentionProjection &kernel) {
  int columns = kernel.project.columns();
  TailStrategy columnTail =
      builder.storedChannels() % columns == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  Var c = kernel.output.args()[0], panel("panel"), lane("lane");
  RVar row = kernel.stored[0], part = kernel.stored[1], item = kernel.stored[2], tile("tile"),
       r("r"), task("task");
  Stage stores = kernel.output.update();
  // Each row is stored once: the maps are permutations.
  stores.allow_race_conditions()
      .split(row, tile, r, kernel.project.tile.rows, TailStrategy::GuardWithIf)
      .split(c, panel, lane, columns, columnTail)
      .reorder(lane, r, tile, panel, part, item)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .fuse(part, item, task)
      .parallel(task)
      .never_partition_all();
  prefetchPanels(builder, builder.plan.anchor, kernel.project,
                 static_cast<int>(reductionDepth(builder.plan.anchor)),
                 {{tile.name(), kernel.tiles()}});
  LoopLevel level(kernel.output, tile);
  if (llvm::any_of(builder.plan.epilogue, llvm::IsaPred<SiluOp, GeluOp>)) {
    scheduleTileThroughScratch(kernel.project, level);
  } else {
    stores.unroll(r);
    scheduleTileSums(kernel.project.sums.func, kernel.project, level);
  }
  return {kernel.output, task};
}

static void schedulePixels(AttentionProjection &kernel, const LoopLevel &task) {
  for (Func coordinate : {kernel.pixelX, kernel.pixelY}) {
    if (coordinate.defined()) {
      coordinate.compute_at(task)
          .store_in(MemoryType::Stack)
          .vectorize(coordinate.args()[0], panelLanes);
    }
  }
}

void oriel::buildAttentionProjection(KernelBuilder &builder) {
  AttentionProjection kernel = defineKernel(builder);
  builder.describe(describeTiles(kernel.attention, builder.target) + ", of the projection " +
                   Twine(kernel.project.tile.rows) + "x" + Twine(kernel.project.columns()) +
                   ", tasks of " + Twine(kernel.groups) + " groups, whose keys are copied for " +
                   (kernel.copiesAllHeads ? "all heads at once" : "one head after the other"));
  LoopLevel task = scheduleOutput(builder, kernel);
  scheduleMergedRows(builder, kernel, task);
  schedulePixels(kernel, task);
}
