//===- RegisterTile.h - Sums that stay in registers -----------------------===//
#ifndef ORIEL_COMPILER_KERNELS_REGISTERTILE_H
#define ORIEL_COMPILER_KERNELS_REGISTERTILE_H

#include "compiler/Kernels/KernelTarget.h"

namespace oriel {

/// Rows times vectors of columns of a product whose sums stay in registers: each step of the
/// reduction loads the vectors, broadcasts one element a row and multiplies all pairs.
struct RegisterTile {
  int rows, vectors;
};

/// Where the vectors of columns come from, step by step.
enum class ColumnSource { FirstLevelCache, SecondLevelCache };

/// Estimated cycles of one step of the reduction, from port counts: two fused multiply-adds and two
/// loads a cycle, four cycles of latency of each sum, and what the second-level cache delivers.
double cyclesPerStep(RegisterTile tile, ColumnSource source, const KernelTarget &target);

/// Whether the tile's sums, one row of its vectors and one broadcast element fit in registers.
bool fits(RegisterTile tile, const KernelTarget &target);

/// The tile of least time for `rows` rows (the last tile may be partial) times `vectors` vectors
/// that come from the second-level cache. The tile's vectors divide `vectors` and are up to four
/// times `step`. Of 32 registers five or more hold neither sums nor columns.
RegisterTile chooseRegisterTile(int64_t rows, int64_t vectors, int64_t step,
                                const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_REGISTERTILE_H
