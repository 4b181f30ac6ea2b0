//===- BandwidthPeak.h - The bandwidth of caches and memory ---------------===//
#ifndef ORIEL_TESTS_BENCH_BANDWIDTHPEAK_H
#define ORIEL_TESTS_BENCH_BANDWIDTHPEAK_H

#include "tests/bench/KernelLimit.h"

#include "llvm/ADT/StringRef.h"

namespace oriel::bench {

/// Measures buffers from the first-level cache's size to several times that of the last, with the
/// vectors of a CPU level, on one and on two threads. Takes about three seconds.
std::vector<Bandwidth> measureBandwidths(llvm::StringRef target);

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_BANDWIDTHPEAK_H
