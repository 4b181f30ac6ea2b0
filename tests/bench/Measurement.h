//===- Measurement.h - The times of one kernel ----------------------------===//
#ifndef ORIEL_TESTS_BENCH_MEASUREMENT_H
#define ORIEL_TESTS_BENCH_MEASUREMENT_H

#include "compiler/Kernels/KernelCompiler.h"
#include "tests/bench/KernelLimit.h"

#include "llvm/Support/Error.h"

namespace oriel::bench {

/// What is known of a machine, measured in about three seconds.
llvm::Expected<MachinePeaks> measureMachine(const KernelTarget &target);

/// A kernel, measured on 1 to mostThreads threads.
struct Measurement {
  std::string name;
  /// Launches of it in the module; 1 for a kernel alone.
  int launches = 1;
  /// The layer of its first launch; empty for a kernel alone.
  std::string layer;
  KernelWork work;
  /// Least processor time of a run; on two threads that of the longer half.
  double seconds[mostThreads];
  /// Multiply-adds a second of a core, measured between the runs.
  double flopsPeak = 0;
  double compileSeconds = 0;
  std::string schedule, statement;

  /// The limit with the peak that was measured beside the kernel.
  KernelLimit limit(const MachinePeaks &peaks, int threads) const;
};

/// Compiles a kernel and runs it on random tensors, for the batch of its types.
llvm::Expected<Measurement> measureKernel(const KernelRequest &request);

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_MEASUREMENT_H
