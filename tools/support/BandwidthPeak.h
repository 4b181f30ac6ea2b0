//===- BandwidthPeak.h - The bandwidth of caches and memory ---------------===//
#ifndef ORIEL_TOOLS_SUPPORT_BANDWIDTHPEAK_H
#define ORIEL_TOOLS_SUPPORT_BANDWIDTHPEAK_H

#include <cstdint>
#include <string_view>

namespace oriel {

/// Least seconds in which each of `threads` threads at once reads `bytes` bytes of its own, which
/// it has read before; of several turns of 5 ms. With the vectors of a target: AVX-512's of
/// "x86-64-v4", else AVX2's. The processor must have them.
double secondsOfReading(std::string_view target, int64_t bytes, int threads);

/// The same for copying the first half of the bytes to the second.
double secondsOfCopying(std::string_view target, int64_t bytes, int threads);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_BANDWIDTHPEAK_H
