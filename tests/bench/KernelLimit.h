//===- KernelLimit.h - The least time that a kernel can take --------------===//
#ifndef ORIEL_TESTS_BENCH_KERNELLIMIT_H
#define ORIEL_TESTS_BENCH_KERNELLIMIT_H

#include "compiler/Kernels/KernelWork.h"

#include <string>
#include <vector>

namespace oriel::bench {

inline constexpr int mostThreads = 2;

/// Bytes a second that all threads together read and write where each goes again and again through
/// `bytes` of its own. Index 0 is of one thread, 1 of two.
struct Bandwidth {
  int64_t bytes = 0;
  double read[mostThreads] = {}, write[mostThreads] = {};

  /// "64 KB", "2 MB".
  std::string name() const;
};

/// What was measured of a machine. Rates are of one core, a second.
struct MachinePeaks {
  double flops = 0;
  /// Of the project's own vector functions, their operands in registers.
  double exponentials = 0, silus = 0, gelus = 0;
  /// By size, from the first-level cache to memory; never empty.
  std::vector<Bandwidth> bandwidths;
};

/// A kernel's limit and what makes it.
struct KernelLimit {
  /// Of multiply-adds, of transcendental functions and of memory, in seconds.
  double products = 0, functions = 0, memory = 0;
  /// That of the largest size not above a thread's share of what the kernel reads and writes, or of
  /// the smallest size.
  const Bandwidth *bandwidth = nullptr;

  /// max(products + functions, memory): functions and products compete for the same units, memory
  /// works beside them.
  double seconds() const;
  /// "FMA", "functions" or "memory".
  const char *boundBy() const;
};

/// The limit on 1 to mostThreads threads, whose cores share the work evenly. `bandwidth`
/// points into `peaks`.
KernelLimit limitOf(const KernelWork &work, const MachinePeaks &peaks, int threads);

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_KERNELLIMIT_H
