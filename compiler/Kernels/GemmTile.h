//===- GemmTile.h - The register tile and the blocks of a GEMM ------------===//
#ifndef ORIEL_COMPILER_KERNELS_GEMMTILE_H
#define ORIEL_COMPILER_KERNELS_GEMMTILE_H

#include "compiler/Kernels/KernelTarget.h"

namespace oriel {

/// Rows times panels of 16 columns whose sums stay in registers.
struct GemmTile {
  int rows, panels;
};

/// The tile with the least time by port counts: two fused multiply-adds and two loads a cycle, four
/// cycles of latency. `rows` is the number of rows that are tiled as one dimension (the last tile
/// may be partial), `panels` the number of panels, which the tile's divides.
GemmTile chooseGemmTile(int64_t rows, int64_t panels, const KernelTarget &target);

/// What the blocks of a GEMM depend on.
struct GemmShape {
  int64_t rows, panels, depth;
  /// Whether each task first computes its rows, by layer_norm or patch_merge.
  bool preparesRows;
};

/// How a GEMM is cut into tasks.
struct GemmBlocks {
  /// Register tiles along the rows of one task.
  int tiles;
  /// Panels of one task; divides the number of panels.
  int panels;
  /// Steps of the reduction after which the sums go to scratch and the next panel has its turn, a
  /// divisor of the depth: all of it where a panel fits in the first-level cache.
  int depth;
};

/// Blocks whose rows of `depth` floats, or of as many as are summed at a time, stay in the
/// second-level cache, in an even number where it matters, so that two threads have as much to do;
/// panels are shared out where rows are too few.
GemmBlocks chooseGemmBlocks(const GemmShape &shape, GemmTile tile, const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_GEMMTILE_H
