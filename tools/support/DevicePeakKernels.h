//===- DevicePeakKernels.h - Kernels that use a device to the full --------===//
//
// In each language of a device two kernels, for blocks of one dimension. Arguments are in this
// order; T is a block's threads, i the place of a thread in the grid:
//
//   multiply_add(float *results, int steps, float factor, float term): results[i] is the sum of
//     independent sums, each of which begins at i and becomes sum * factor + term once for every
//     step and repetition.
//   read_memory(const float4 *values, float *results, int blocks, int share, int turns):
//     results[i] is the sum of what a thread reads. A block reads `share` of the values, a multiple
//     of 8 T, and in the next turn those that the next block read; `blocks`, the grid's, is a power
//     of two. So each turn reads all values once, and nothing twice from what one core keeps.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TOOLS_SUPPORT_DEVICEPEAKKERNELS_H
#define ORIEL_TOOLS_SUPPORT_DEVICEPEAKKERNELS_H

#include <string>

namespace oriel {

struct DevicePeakKernels {
  std::string source;
  /// Multiply-adds of one thread in one step of multiply_add.
  int addsPerStep;
  /// Whether a block may have one thread, as suits an OpenCL on processors, which runs a thread's
  /// loop to its end before the next thread's.
  bool takesSingleThreads;
};

/// The values that a thread reads at once.
inline constexpr int readsAtOnce = 8;

/// OpenCL C 1.2.
DevicePeakKernels makeOpenClPeakKernels();
/// PTX for sm_80 and later; blocks have 256 threads.
DevicePeakKernels makeCudaPeakKernels();

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_DEVICEPEAKKERNELS_H
