//===- ExpectKernel.h - Compares kernels with the interpreter -------------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_KERNELS_EXPECTKERNEL_H
#define ORIEL_TESTS_UNIT_COMPILER_KERNELS_EXPECTKERNEL_H

#include "compiler/Kernels/ScheduleParameters.h"
#include "tests/unit/compiler/Kernels/RegionBuilder.h"

#include <functional>

namespace oriel::test {

/// Fills a region; called for several batches.
using BuildRegion = std::function<void(RegionBuilder &)>;

/// Compiles the region for each CPU level, runs it at batch 1 and 3 on 1 and 2 threads, and expects
/// of each result to be within the error bounds of the interpreter's, with nothing written outside
/// of its rows, and of the plan to be of `family`. A CPU without AVX-512 runs x86-64-v4's schedules
/// in AVX2's instructions. Where ORIEL_TEST_TARGETS is opencl, the same on the first OpenCL device.
/// Where ORIEL_TEST_PRECISION is f16, arena and parameters are of float16. The schedule is the cost
/// model's but for `parameters`.
void expectKernelComputes(const BuildRegion &build, llvm::StringRef family,
                          const ScheduleParameters &parameters = {});

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_KERNELS_EXPECTKERNEL_H
