//===- MlpOnGpu.cpp - Two linear layers with an activation, on a device ---===//
//
//   [layer_norm] -> linear | 1x1 conv2d -> silu | gelu -> linear | 1x1 conv2d -> epilogue
//
// A block computes the hidden activation of its rows in the memory that its threads share, then all
// channels of the result. As many rows as that memory holds, as each block reads both weights.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GpuSchedule.h"
#include "compiler/Kernels/PreparedRows.h"
#include "compiler/Kernels/TiledProduct.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::MemoryType, Halide::TailStrategy, Halide::Var;

/// The tile of a thread; both products have the same rows, and the threads loop over channels.
static GpuTile chooseTile(const KernelTarget &target, int hidden, int outputs, int64_t rows) {
  constexpr int mostRows = 16;
  int64_t fitting = target.l1Bytes * 3 / 4 / (hidden * int64_t(sizeof(float)));
  GpuTile tile;
  int blockRows = 1;
  while (2 * blockRows <= std::min<int64_t>({fitting, mostRows, rows})) {
    blockRows *= 2;
  }
  tile.channels = std::min(vectorOf(hidden), vectorOf(outputs));
  tile.rows = std::min(blockRows, 4);
  tile.threadsX = 16;
  tile.threadsY = blockRows / tile.rows;
  return tile;
}

/// The hidden activation, a tile for each thread after the other.
static void scheduleHidden(Func hidden, int channels, const GpuTile &tile, const GpuLoops &loops,
                           Func sums) {
  Var c = hidden.args()[0], row = hidden.args()[1];
  Var lane("lane"), vector("vector"), threadX("thread_x"), columns("columns"), r("r"),
      threadY("thread_y");
  hidden.compute_at(loops.block)
      .store_in(MemoryType::GPUShared)
      .bound_extent(c, channels)
      .bound_extent(row, tile.blockRows())
      .split(c, vector, lane, tile.channels, TailStrategy::RoundUp)
      .split(vector, columns, threadX, tile.threadsX, TailStrategy::GuardWithIf)
      .split(row, threadY, r, tile.rows, TailStrategy::RoundUp)
      .reorder(lane, r, columns, threadX, threadY)
      .unroll(r)
      .gpu_threads(threadX, threadY);
  if (tile.channels > 1) {
    hidden.vectorize(lane);
  }
  scheduleSumsOnGpu(sums, tile, 1, {hidden, columns});
}

void oriel::buildMlpOnGpu(KernelBuilder &builder) {
  if (builder.rowsAreDense()) {
    builder.flattenRows();
  }
  // The algorithm.
  const HiddenProduct &first = builder.plan.hidden.front();
  PreparedRows rows = prepareRows(builder, first.product);
  TiledProduct expand = defineProduct(builder, first.product);
  DefinedValue activation = builder.get(first.getResult());
  Func hidden("hidden");
  std::vector<Var> arguments = outerDimensions(activation.rank() - 1);
  arguments.insert(arguments.begin(), Var("c"));
  hidden(arguments) = activation.func(std::vector<Expr>(arguments.begin(), arguments.end()));
  activation.func = hidden;
  builder.set(first.getResult(), activation);
  TiledProduct project = defineProduct(builder, builder.plan.anchor);
  Func output = storeResult(builder);

  // Schedule.
  const auto &shape = project.sums.shape;
  GpuTile tile = chooseTile(builder.target, activation.extent(), project.sums.extent(),
                            shape[shape.size() - 2]);
  GpuLoops loops = tileForGpu(output, tile, /*wholeRows=*/true);
  scheduleSumsOnGpu(project.sums.func, tile, project.parts, loops.thread);
  scheduleHidden(hidden, activation.extent(), tile, loops, expand.sums.func);
  if (rows.norm) {
    scheduleStatisticsOnGpu(*rows.norm, tile, loops.block);
  }
  builder.describe(describe(tile));
}
