//===- FunctionPeak.h - The rate of the vector functions ------------------===//
#ifndef ORIEL_TESTS_BENCH_FUNCTIONPEAK_H
#define ORIEL_TESTS_BENCH_FUNCTIONPEAK_H

#include "compiler/Kernels/KernelTarget.h"

#include "llvm/Support/Error.h"

namespace oriel::bench {

enum class VectorFunction { Exponential, Silu, Gelu };

/// Evaluations a second of one core, of the function as kernels compute it, with operands and
/// results in registers.
llvm::Expected<double> measureFunction(VectorFunction function, const KernelTarget &target);

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_FUNCTIONPEAK_H
