//===- WinogradConvolution.cpp - 3x3 convolutions by tiles of 2x2 results -===//
//
//   [concat] -> winograd_conv2d -> epilogue
//
//   results of a tile = A^T (sum over i of U * (B^T d B)) A
//
// The filter lies in panels [O/16][4][4][I][16]. A task has some rows of tiles: it copies the input
// under them with zeros around it to scratch, transforms that, and then, panel by panel, makes 16
// products of matrices [tiles, I] x [I, 16], one for each position within a tile, each summed in
// register tiles; the results are put together from them as they are stored.
//
// Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.1.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "compiler/Kernels/WinogradTransform.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RDom, Halide::RVar,
    Halide::Stage, Halide::TailStrategy, Halide::Var;

namespace {

/// An operand that the reduction runs over.
struct Part {
  int channels;
  /// The caller's rows end within a panel, behind which nothing may be read.
  bool isPartial;
  /// The input with zeros around it, (c, x, y, b), from (-px, -py) on.
  Func staged;
  /// B^T d for the columns and B^T d B: (c, x, i, ty, b) and (c, tx, j, i, ty, b).
  Func columns, transformed;
};

/// The Funcs of a convolution and the sizes they are scheduled by.
struct WinogradConvolution {
  explicit WinogradConvolution(WinogradConv2DOp op) : op(op) {}

  /// Mutable, as the accessors of ops are not const.
  mutable WinogradConv2DOp op;
  SmallVector<Part> parts;
  /// The products' sums in registers and in scratch, (o, tx, j, i, ty, b).
  Func sums, products;
  /// A^T m, (o, tx, j, row, ty, b).
  Func rows;
  /// What the results are put together in: the output, or scratch where the caller's rows end
  /// within a panel. (With a predicate on the panel's lanes Halide 21 drops all panels but the
  /// first.)
  Func stored;
  Func output;
  /// Tiles of a register tile; rows of tiles and panels of a task.
  int pixels = 1, tileRows = 1, panels = 1;

  bool storesScratch() const { return stored.name() != output.name(); }
  int tilesAcross() const {
    return static_cast<int>(llvm::divideCeil(op.getType().getShape()[2], 2));
  }
  int tilesDown() const {
    return static_cast<int>(llvm::divideCeil(op.getType().getShape()[1], 2));
  }
  /// Tiles of a row that are computed.
  int paddedAcross() const { return static_cast<int>(llvm::alignTo(tilesAcross(), pixels)); }
  int inputs() const { return static_cast<int>(op.getFilter().getType().getShape()[1]); }
};

} // namespace

/// values[index] for an index that is a constant once loops are unrolled.
static Expr choose(const Expr &index, ArrayRef<Expr> values) {
  Expr chosen = values.back();
  for (size_t i = values.size() - 1; i-- > 0;) {
    chosen = select(index == static_cast<int>(i), values[i], chosen);
  }
  return chosen;
}

Expr oriel::transformInput(const Expr &index, function_ref<Expr(int)> d) {
  return choose(index, {d(0) - d(2), d(1) + d(2), d(2) - d(1), d(1) - d(3)});
}

Expr oriel::transformOutput(const Expr &index, function_ref<Expr(int)> m) {
  return choose(index, {m(0) + m(1) + m(2), m(1) - m(2) - m(3)});
}

static Part definePart(KernelBuilder &builder, const WinogradConvolution &convolution,
                       Value operand) {
  const DefinedValue &value = builder.get(operand);
  const BufferLayout &layout = builder.layoutOf(operand);
  int paddingY = static_cast<int>(convolution.op.getPadding()[0]),
      paddingX = static_cast<int>(convolution.op.getPadding()[1]);
  Part part{value.extent(), layout.exact && layout.pitch % panelWidth != 0, Func("staged"),
            Func("columns"), Func("transformed")};
  Var c("c"), x("x"), y("y"), b("b"), tx("tx"), ty("ty"), i("i"), j("j");
  // The last tiles end behind the map, by more than the padding.
  part.staged(c, x, y, b) = withZerosEverywhere(value)(c, x, y, b);
  part.columns(c, x, i, ty, b) =
      transformInput(i, [&](int row) { return part.staged(c, x, 2 * ty - paddingY + row, b); });
  part.transformed(c, tx, j, i, ty, b) = transformInput(
      j, [&](int column) { return part.columns(c, 2 * tx - paddingX + column, i, ty, b); });
  return part;
}

static void defineProducts(KernelBuilder &builder, WinogradConvolution &convolution) {
  const DefinedValue &filter = builder.get(convolution.op.getFilter());
  Var o("o"), tx("tx"), ty("ty"), i("i"), j("j"), b("b");
  convolution.sums = Func("sums");
  convolution.sums(o, tx, j, i, ty, b) = 0.0f;
  int offset = 0;
  for (const Part &part : convolution.parts) {
    RDom k(0, part.channels, "k");
    convolution.sums(o, tx, j, i, ty, b) +=
        part.transformed(k, tx, j, i, ty, b) * filter.func(j, i, k + offset, o);
    offset += part.channels;
  }
  convolution.products = Func("products");
  convolution.products(o, tx, j, i, ty, b) = convolution.sums(o, tx, j, i, ty, b);
}

static void defineOutput(KernelBuilder &builder, WinogradConvolution &convolution) {
  Var c("c"), x("x"), y("y"), b("b"), tx("tx"), ty("ty"), j("j"), row("row");
  convolution.rows = Func("rows");
  convolution.rows(c, tx, j, row, ty, b) =
      transformOutput(row, [&](int i) { return convolution.products(c, tx, j, i, ty, b); });
  DefinedValue result{Func("winograd_conv2d"),
                      SmallVector<int64_t>(convolution.op.getType().getShape())};
  Expr sum = transformOutput(
      x % 2, [&](int column) { return convolution.rows(c, x / 2, column, y % 2, y / 2, b); });
  if (convolution.op.getBias()) {
    sum = builder.get(convolution.op.getBias()).func(c) + sum;
  }
  result.func(c, x, y, b) = sum;
  convolution.output = Func("out0");
  convolution.stored = convolution.output;
  if (builder.storedChannels() % panelLanes != 0) {
    convolution.stored = result.func;
  }
  builder.set(convolution.op.getResult(), result);
  convolution.output(c, x, y, b) = builder.toStored(builder.get(builder.result()).func(c, x, y, b));
  builder.setOutput(0, convolution.output, builder.storedChannels());
}

/// The transformed input of a task stays in half of the second-level cache. Four tasks, which each
/// read the whole filter, or eight where a task still has two rows of tiles. Where there are fewer,
/// they share out the panels, and each transforms the input for its own.
static void chooseSizes(KernelBuilder &builder, WinogradConvolution &convolution) {
  int panels = static_cast<int>(llvm::divideCeil(builder.storedChannels(), panelWidth));
  convolution.pixels = choosePanelTile(builder, convolution.tilesAcross(), 1).rows;
  int64_t across = convolution.paddedAcross(), down = convolution.tilesDown();
  int64_t rowBytes = int64_t(16) * across *
                     static_cast<int64_t>(roundUpToPanel(convolution.inputs())) *
                     int64_t(sizeof(float));
  constexpr int64_t leastTasks = 4;
  int64_t fitting = std::max<int64_t>(1, builder.target.l2Bytes / 2 / rowBytes);
  int64_t wanted = llvm::divideCeil(down, down >= 4 * leastTasks ? 2 * leastTasks : leastTasks);
  convolution.tileRows = chooseCount(builder, "task_rows", std::min(fitting, wanted), down);
  int64_t blocks = llvm::divideCeil(down, int64_t(convolution.tileRows));
  convolution.panels = panels;
  for (int share : {2, 3, 5, 7}) {
    if (!convolution.storesScratch() && blocks * (panels / convolution.panels) < leastTasks &&
        convolution.panels % share == 0) {
      convolution.panels /= share;
    }
  }
  if (!convolution.storesScratch()) {
    convolution.panels = chooseDivisor(builder, "task_panels", convolution.panels, panels);
  }
}

static void scheduleInput(const Part &part, const WinogradConvolution &convolution,
                          const LoopLevel &task) {
  TailStrategy tail = part.isPartial ? TailStrategy::GuardWithIf : TailStrategy::RoundUp;
  Func staged = part.staged;
  Var c = staged.args()[0];
  staged.compute_at(task)
      .store_in(MemoryType::Heap)
      .bound_extent(staged.args()[1], 2 * convolution.paddedAcross() + 2)
      .bound_extent(staged.args()[2], 2 * convolution.tileRows + 2)
      .align_storage(c, panelLanes)
      .vectorize(c, panelLanes, tail);
  Func transformed = part.transformed;
  c = transformed.args()[0];
  Var tx = transformed.args()[1], j = transformed.args()[2], i = transformed.args()[3],
      ty = transformed.args()[4], lane("lane"), panel("panel");
  transformed.compute_at(task)
      .store_in(MemoryType::Heap)
      .bound_extent(tx, convolution.paddedAcross())
      .bound(j, 0, 4)
      .bound(i, 0, 4)
      .bound_extent(ty, convolution.tileRows)
      .align_storage(c, panelLanes)
      .split(c, panel, lane, 8, tail)
      .reorder(lane, j, i, panel, tx, ty)
      .vectorize(lane)
      .unroll(j)
      .unroll(i);
  Func columns = part.columns;
  columns.compute_at(transformed, panel)
      .store_in(MemoryType::Register)
      .vectorize(columns.args()[0], 8)
      .unroll(columns.args()[1])
      .bound(columns.args()[2], 0, 4)
      .unroll(columns.args()[2]);
}

/// All products of a panel, position by position: each reads one part of the panel for all tiles.
static void scheduleProducts(const WinogradConvolution &convolution, const LoopLevel &panel) {
  Func products = convolution.products;
  Var o = products.args()[0], tx = products.args()[1], j = products.args()[2],
      i = products.args()[3], ty = products.args()[4], tile("tile"), pixel("pixel");
  products.compute_at(panel)
      .store_in(MemoryType::Heap)
      .bound_extent(o, panelLanes)
      .bound_extent(tx, convolution.paddedAcross())
      .bound(j, 0, 4)
      .bound(i, 0, 4)
      .bound_extent(ty, convolution.tileRows)
      .split(tx, tile, pixel, convolution.pixels)
      .reorder(o, pixel, tile, ty, j, i)
      .vectorize(o, panelLanes)
      .unroll(pixel);
  Func sums = convolution.sums;
  Var n = sums.args()[0], row = sums.args()[1];
  sums.compute_at(products, tile)
      .store_in(MemoryType::Register)
      .bound_extent(n, panelLanes)
      .bound_extent(row, convolution.pixels)
      .vectorize(n, panelLanes)
      .unroll(row);
  for (size_t index = 0; index < convolution.parts.size(); ++index) {
    Stage update = sums.update(static_cast<int>(index));
    RVar k(update.get_schedule().rvars()[0].var);
    update.reorder(n, row, k).vectorize(n, panelLanes).unroll(row);
  }
}

/// The results of a panel's tiles, put together from its products; `tail` is that of the map's
/// edges.
static void scheduleTiles(const WinogradConvolution &convolution, const Var &ty, const Var &panel,
                          TailStrategy tail) {
  Func stored = convolution.stored;
  Var c = stored.args()[0], x = stored.args()[1];
  Var lane("lane"), tx("tx"), column("column"), row("row");
  stored.split(stored.args()[2], ty, row, 2, tail)
      .split(x, tx, column, 2, tail)
      .split(c, panel, lane, panelLanes, TailStrategy::RoundUp)
      .reorder(lane, column, row, tx, ty, panel)
      .vectorize(lane)
      .unroll(column)
      .unroll(row)
      .never_partition_all();
  Func rows = convolution.rows;
  rows.compute_at(stored, tx)
      .store_in(MemoryType::Register)
      .vectorize(rows.args()[0], panelLanes)
      .bound_extent(rows.args()[1], 1)
      .bound(rows.args()[2], 0, 4)
      .unroll(rows.args()[2])
      .bound(rows.args()[3], 0, 2)
      .unroll(rows.args()[3])
      .bound_extent(rows.args()[4], 1);
  scheduleProducts(convolution, {stored, panel});
}

static void schedule(const WinogradConvolution &convolution) {
  Func output = convolution.output;
  Var c = output.args()[0], y = output.args()[2], b = output.args()[3];
  Var ty("ty"), panel("panel"), share("share"), block("block"), task("task");
  if (convolution.storesScratch()) {
    scheduleTiles(convolution, ty, panel, TailStrategy::RoundUp);
    output.split(y, block, y, 2 * convolution.tileRows, TailStrategy::GuardWithIf)
        .vectorize(c, panelLanes, TailStrategy::Predicate)
        .fuse(block, b, task);
    Func stored = convolution.stored;
    stored.compute_at(output, task)
        .store_in(MemoryType::Heap)
        .bound_extent(stored.args()[2], 2 * convolution.tileRows);
  } else {
    scheduleTiles(convolution, ty, panel, TailStrategy::GuardWithIf);
    output.split(panel, share, panel, convolution.panels, TailStrategy::RoundUp)
        .split(ty, block, ty, convolution.tileRows, TailStrategy::GuardWithIf)
        .reorder(ty, panel, share, block, b)
        .fuse(block, b, task)
        .fuse(share, task, task);
  }
  output.parallel(task);
  for (const Part &part : convolution.parts) {
    scheduleInput(part, convolution, {output, task});
  }
}

void oriel::buildWinogradConvolution(KernelBuilder &builder) {
  WinogradConvolution convolution(cast<WinogradConv2DOp>(builder.plan.anchor));
  Value input = convolution.op.getInput();
  SmallVector<Value> operands{input};
  if (auto concat = input.getDefiningOp<ConcatOp>()) {
    operands.assign(concat.getInputs().begin(), concat.getInputs().end());
  }
  for (Value operand : operands) {
    convolution.parts.push_back(definePart(builder, convolution, operand));
  }
  defineProducts(builder, convolution);
  defineOutput(builder, convolution);
  chooseSizes(builder, convolution);
  schedule(convolution);
  builder.describe("register tile " + Twine(convolution.pixels) + "x" + Twine(panelLanes) +
                   ", tasks of " + Twine(convolution.tileRows) + " rows of tiles and " +
                   Twine(convolution.panels * panelLanes) + " channels");
}
