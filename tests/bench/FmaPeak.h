//===- FmaPeak.h - The arithmetic peak of a core --------------------------===//
#ifndef ORIEL_TESTS_BENCH_FMAPEAK_H
#define ORIEL_TESTS_BENCH_FMAPEAK_H

#include "llvm/ADT/StringRef.h"

namespace oriel::bench {

/// float32 operations a second of one core, measured for about `milliseconds` by a loop of
/// independent fused multiply-adds with the vectors of a CPU level.
double measurePeak(llvm::StringRef target, double milliseconds);

} // namespace oriel::bench

#endif // ORIEL_TESTS_BENCH_FMAPEAK_H
