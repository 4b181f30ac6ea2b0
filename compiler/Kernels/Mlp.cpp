//===- Mlp.cpp - Two linear layers with an activation between them --------===//
//
//   [layer_norm] -> linear | 1x1 conv2d -> silu | gelu -> linear | 1x1 conv2d -> epilogue
//
// A task computes the hidden activation of a block of rows in scratch, so that it never leaves the
// second-level cache, and multiplies it with the second weight. Both products run over all rows of
// the block for each tile of panels; see Gemm.cpp for their register tiles. Each task reads both
// weights whole, which is what limits the gain.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/MlpBlocks.h"
#include "compiler/Kernels/PreparedRows.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "compiler/Kernels/TiledProduct.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::TailStrategy,
    Halide::Var;

namespace {

/// The Funcs of an MLP and the sizes they are scheduled by.
struct Mlp {
  PreparedRows rows;
  TiledProduct expand, project;
  /// The activation, in scratch.
  Func hidden;
  Func output;
  MlpBlocks blocks{};
};

} // namespace

/// A Func of the dimensions of the hidden activation, to be stored.
static Func storeHidden(const DefinedValue &activation) {
  Func stored("hidden");
  std::vector<Var> arguments = outerDimensions(activation.rank() - 1);
  arguments.insert(arguments.begin(), Var("c"));
  stored(arguments) = activation.func(std::vector<Expr>(arguments.begin(), arguments.end()));
  return stored;
}

static Mlp defineMlp(KernelBuilder &builder) {
  Mlp mlp;
  const HiddenProduct &hidden = builder.plan.hidden.front();
  mlp.rows = prepareRows(builder, hidden.product);
  if (mlp.rows.isEmpty() && builder.isFlat()) {
    // The last block reaches farther than the arena's slack.
    Value input = hidden.product->getOperand(0);
    builder.set(input, clampRows(builder, builder.get(input)));
  }
  mlp.expand = defineProduct(builder, hidden.product);
  DefinedValue activation = builder.get(hidden.getResult());
  mlp.hidden = storeHidden(activation);
  activation.func = mlp.hidden;
  builder.set(hidden.getResult(), activation);
  mlp.project = defineProduct(builder, builder.plan.anchor);
  mlp.output = builder.defineOutput();
  builder.setOutput(0, mlp.output, builder.storedChannels());
  return mlp;
}

/// The hidden activation of `rows` rows, computed at `block`.
static void scheduleHidden(const Mlp &mlp, const LoopLevel &block, int rows) {
  Func hidden = mlp.hidden;
  Var c = hidden.args()[0], row = hidden.args()[1];
  int channels = static_cast<int>(llvm::alignTo(mlp.expand.sums.extent(), mlp.expand.columns()));
  hidden.compute_at(block)
      .store_in(MemoryType::Heap)
      .bound_extent(c, channels)
      .bound_storage(c, static_cast<int>(rowPitch(channels)))
      .bound_extent(row, rows);
  Var tile = splitIntoTiles(hidden, mlp.expand, c, row);
  scheduleTileSums(mlp.expand.sums.func, mlp.expand, {hidden, tile});
}

/// The output's loops over panels and tiles of rows, and the tiles' sums.
static void splitOutput(KernelBuilder &builder, Mlp &mlp, const Var &tile, const Var &panel) {
  Func output = mlp.output;
  Var c = output.args()[0], row = output.args()[1], lane("lane"), r("r");
  int columns = mlp.project.columns();
  TailStrategy columnTail =
      builder.storedChannels() % columns == 0 ? TailStrategy::RoundUp : TailStrategy::Predicate;
  output.split(row, tile, r, mlp.project.tile.rows, TailStrategy::GuardWithIf)
      .split(c, panel, lane, columns, columnTail)
      .reorder(lane, r, tile, panel)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(r);
  scheduleTileSums(mlp.project.sums.func, mlp.project, {output, tile});
}

static void scheduleFlat(KernelBuilder &builder, Mlp &mlp) {
  Var tile("tile"), panel("panel"), task("task");
  prefetchPanels(builder, builder.plan.anchor, mlp.project,
                 static_cast<int>(reductionDepth(builder.plan.anchor)),
                 {{tile.name(), mlp.blocks.rows / mlp.project.tile.rows}},
                 accessedRows(builder, mlp.project, mlp.output));
  splitOutput(builder, mlp, tile, panel);
  mlp.output
      .split(tile, task, tile, mlp.blocks.rows / mlp.project.tile.rows, TailStrategy::GuardWithIf)
      .reorder(tile, panel, task)
      .parallel(task);
  LoopLevel level(mlp.output, task);
  scheduleHidden(mlp, level, mlp.blocks.hiddenRows);
  schedulePreparedRows(builder, mlp.rows, level, mlp.blocks.hiddenRows);
}

/// A task for each line of a map whose memory has a halo.
static void scheduleMap(KernelBuilder &builder, Mlp &mlp) {
  Var tile("tile"), panel("panel"), task("task");
  splitOutput(builder, mlp, tile, panel);
  Var y = mlp.output.args()[2], b = mlp.output.args()[3];
  mlp.output.fuse(y, b, task).reorder(tile, panel, task).parallel(task);
  LoopLevel level(mlp.output, task);
  int rows = static_cast<int>(llvm::alignTo(
      llvm::alignTo(mlp.project.sums.shape[2], mlp.project.tile.rows), mlp.expand.tile.rows));
  scheduleHidden(mlp, level, rows);
  schedulePreparedRows(builder, mlp.rows, level, rows);
}

/// The blocks, whose tiles of rows the request may choose where rows are one dimension.
static void chooseBlocks(KernelBuilder &builder, Mlp &mlp, const MlpShape &shape) {
  MlpBlocks &blocks = mlp.blocks;
  blocks = chooseMlpBlocks(shape, builder.target);
  mlp.expand.tile = blocks.expand;
  mlp.project.tile = blocks.project;
  if (builder.isFlat()) {
    int64_t tileRows = blocks.project.rows;
    blocks.rows =
        static_cast<int>(tileRows * chooseCount(builder, "task_tiles", blocks.rows / tileRows,
                                                llvm::divideCeil(shape.rows, tileRows)));
    blocks.hiddenRows = static_cast<int>(llvm::alignTo(blocks.rows, blocks.expand.rows));
  }
}

void oriel::buildMlp(KernelBuilder &builder) {
  if (builder.rowsAreDense()) {
    builder.flattenRows();
  }
  Mlp mlp = defineMlp(builder);
  MlpShape shape(builder.plan);
  if (!builder.isFlat()) {
    shape.itemRows = mlp.project.sums.shape[2];
  }
  chooseBlocks(builder, mlp, shape);
  builder.describe("register tiles " + Twine(mlp.expand.tile.rows) + "x" +
                   Twine(mlp.expand.columns()) + " and " + Twine(mlp.project.tile.rows) + "x" +
                   Twine(mlp.project.columns()) + ", tasks of " + Twine(mlp.blocks.rows) + " rows");
  if (builder.isFlat()) {
    scheduleFlat(builder, mlp);
  } else {
    scheduleMap(builder, mlp);
  }
}
