//===- FmaPeak.h - The arithmetic peak of a core --------------------------===//
#ifndef ORIEL_TOOLS_SUPPORT_FMAPEAK_H
#define ORIEL_TOOLS_SUPPORT_FMAPEAK_H

#include <string_view>

namespace oriel {

/// float32 operations a second of one core, measured for about `milliseconds` by a loop of
/// independent fused multiply-adds with the vectors of a target: AVX-512's of "x86-64-v4", else
/// AVX2's. The processor must have them.
double measureFmaPeak(std::string_view target, double milliseconds);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_FMAPEAK_H
