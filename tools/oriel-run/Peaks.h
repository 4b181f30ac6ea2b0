// What the processor or a device can do at most, measured beside a profile.

#ifndef ORIEL_TOOLS_ORIEL_RUN_PEAKS_H
#define ORIEL_TOOLS_ORIEL_RUN_PEAKS_H

#include "oriel/runtime.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

struct Peaks {
  /// Bytes a second that all readers together read where each goes again and again through `bytes`
  /// bytes of its own.
  struct Reading {
    int64_t bytes;
    double rate;
  };

  /// float32 operations a second of all threads or the whole device; 0 where `missing` says why.
  double flops = 0;
  /// The threads of the processor; a device is one reader.
  int readers = 1;
  /// From a cache's size to memory's.
  std::vector<Reading> readings;
  std::string missing;

  bool areKnown() const { return missing.empty(); }
  /// Of the largest size that is not above a reader's share of `bytes`, or the smallest.
  double rateFor(int64_t bytes) const;
  /// The nanoseconds that so much work takes at least: of the arithmetic and the memory alone.
  double arithmeticNanoseconds(int64_t count) const { return double(count) / flops * 1e9; }
  double memoryNanoseconds(int64_t bytes) const { return double(bytes) / rateFor(bytes) * 1e9; }
};

/// Measures for the variant: its device, or so many threads of the processor, in about a quarter
/// of a second.
Peaks measurePeaks(const oriel_variant &variant, int threads);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_RUN_PEAKS_H
