// What the processor can do at most, measured beside a profile.

#ifndef ORIEL_TOOLS_ORIEL_RUN_PEAKS_H
#define ORIEL_TOOLS_ORIEL_RUN_PEAKS_H

#include "oriel/runtime.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

struct Peaks {
  /// Bytes a second that all threads together read where each goes again and again through `bytes`
  /// bytes of its own.
  struct Reading {
    int64_t bytes;
    double rate;
  };

  /// float32 operations a second of all threads; 0 where `missing` says why.
  double flops = 0;
  /// From the first-level cache's size to memory's.
  std::vector<Reading> readings;
  std::string missing;

  bool areKnown() const { return missing.empty(); }
  /// Of the largest size that is not above a thread's share of `bytes`, or the smallest.
  double rateFor(int64_t bytes, int threads) const;
};

/// Measures for the variant on so many threads, in about a quarter of a second.
Peaks measurePeaks(const oriel_variant &variant, int threads);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_RUN_PEAKS_H
