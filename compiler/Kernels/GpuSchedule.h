//===- GpuSchedule.h - Loops as blocks of threads -------------------------===//
//
// The schedules for devices share one shape: a result is cut into tiles of some rows times a vector
// of channels, one for each thread, and a block has threads along the channels (x) and rows (y).
//
// Results are stored as they are, channels rounded up to nothing: a vector divides the channels,
// and what is left of rows and vectors at the edges is guarded, outside of the tile.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_GPUSCHEDULE_H
#define ORIEL_COMPILER_KERNELS_GPUSCHEDULE_H

#include "compiler/Kernels/KernelBuilder.h"

namespace oriel {

/// What a thread computes, and the threads of a block.
struct GpuTile {
  /// Neighbouring channels, a vector, and rows.
  int channels = 1, rows = 1;
  int threadsX = 1, threadsY = 1;

  int blockRows() const { return rows * threadsY; }
};

/// The widest vector, of 4 at most, that divides `channels`.
int vectorOf(int channels);

/// A tile for a product of so many channels and rows: four rows read each vector of the weights.
GpuTile chooseGpuTile(int channels, int64_t rows);

/// The loops of a stage on a device, for compute_at: a thread's, which holds one tile, and a
/// block's.
struct GpuLoops {
  Halide::LoopLevel thread, block;
};

/// Makes the region's result output 0: exactly its channels. Returns the output, of the dimensions
/// (c, d1, ...).
Halide::Func storeResult(KernelBuilder &builder, unsigned index = 0);

/// Cuts `func` over (c, row, ...) into tiles; a block's first coordinate counts the tiles of rows
/// and all that lies beyond the rows. Where `wholeRows`, a block has all channels of its rows: its
/// threads loop over them.
GpuLoops tileForGpu(Halide::Func func, const GpuTile &tile, bool wholeRows = false);

/// Sums a tile at its thread, in registers; `sums` has (c, row, ...) and `updates` reductions.
void scheduleSumsOnGpu(Halide::Func sums, const GpuTile &tile, int updates,
                       const Halide::LoopLevel &thread);

/// Computes a reduction over rows, (row, ...), for the rows of a block: summed in registers, kept
/// in the block's memory.
void scheduleRowsOnGpu(Halide::Func reduction, const GpuTile &tile, const Halide::LoopLevel &block);

/// The same for both reductions of a layer_norm.
void scheduleStatisticsOnGpu(const LayerNormStages &norm, const GpuTile &tile,
                             const Halide::LoopLevel &block);

/// "tiles of 4x4, blocks of 8x8 threads".
std::string describe(const GpuTile &tile);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_GPUSCHEDULE_H
