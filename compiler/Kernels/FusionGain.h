//===- FusionGain.h - Whether products in one kernel are faster -----------===//
//
// planKernel says what can be one kernel; this is the cost model of what should be. It decides for
// all targets at once, as the graph of a module is one, by the caches of the smallest.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_FUSIONGAIN_H
#define ORIEL_COMPILER_KERNELS_FUSIONGAIN_H

#include "compiler/Kernels/KernelPlan.h"

namespace oriel {

/// Whether the kernel is faster than one for each of its products. `reason` becomes a sentence
/// without a full stop that says why, in either case; it is left alone where there is nothing to
/// decide.
bool isFasterThanParts(const KernelPlan &plan, std::string &reason);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_FUSIONGAIN_H
