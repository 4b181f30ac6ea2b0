//===- RowReductionSchedule.h - Sums and maxima over a row ----------------===//
#ifndef ORIEL_COMPILER_KERNELS_ROWREDUCTIONSCHEDULE_H
#define ORIEL_COMPILER_KERNELS_ROWREDUCTIONSCHEDULE_H

#include "compiler/Kernels/Define.h"

namespace oriel {

/// Computes `reduction` (an associative update over `domain`, of `extent` elements) at `level` in
/// vectors: one partial result for each lane, then the lanes. `unrolls` makes no loop of it, for
/// rows that registers hold.
void scheduleRowReduction(Halide::Func reduction, const Halide::RDom &domain, int extent,
                          const Halide::LoopLevel &level, bool unrolls = false);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_ROWREDUCTIONSCHEDULE_H
