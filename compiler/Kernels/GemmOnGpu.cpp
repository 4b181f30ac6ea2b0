//===- GemmOnGpu.cpp - Linear layers and products on a device -------------===//
//
//   [patch_merge | concat] [layer_norm] -> linear | conv2d 1x1 -> epilogue
//
// The reduction runs in registers, a vector of the weights' panel for some rows. The statistics of
// a layer_norm are computed for the rows of a block first; rows are normalised, and those of
// patch_merge gathered, as they are read. (See Gemm.cpp for the processor's schedule.)
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GpuSchedule.h"
#include "compiler/Kernels/PreparedRows.h"
#include "compiler/Kernels/TiledProduct.h"

using namespace mlir;
using namespace oriel;
using Halide::Func;

void oriel::buildGemmOnGpu(KernelBuilder &builder) {
  if (builder.rowsAreDense()) {
    builder.flattenRows();
  }
  // The algorithm.
  PreparedRows rows = prepareRows(builder, builder.plan.anchor);
  TiledProduct product = defineProduct(builder, builder.plan.anchor);
  Func output = storeResult(builder);

  // Schedule.
  const auto &shape = product.sums.shape;
  GpuTile tile = chooseGpuTile(product.sums.extent(), shape[shape.size() - 2]);
  GpuLoops loops = tileForGpu(output, tile);
  scheduleSumsOnGpu(product.sums.func, tile, product.parts, loops.thread);
  if (rows.norm) {
    scheduleStatisticsOnGpu(*rows.norm, tile, loops.block);
  }
  builder.describe(describe(tile));
}

void oriel::buildBatchedMatmulOnGpu(KernelBuilder &builder) {
  auto op = cast<MatmulOp>(builder.plan.anchor);
  // The algorithm.
  DefinedValue sums = builder.get(op.getResult());
  Func output = storeResult(builder);

  // Schedule.
  GpuTile tile = chooseGpuTile(sums.extent(), sums.shape[sums.rank() - 2]);
  GpuLoops loops = tileForGpu(output, tile);
  scheduleSumsOnGpu(sums.func, tile, 1, loops.thread);
  builder.describe(describe(tile));
}
