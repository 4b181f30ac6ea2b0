//===- Gain.h - How much faster something is ------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_TUNE_GAIN_H
#define ORIEL_TOOLS_ORIEL_TUNE_GAIN_H

#include "tools/support/TimeComparison.h"

#include <string>
#include <vector>

namespace oriel {

/// On one thread, and on two where the machine has them: how many times as fast as with the cost
/// model's schedules.
using Gain = std::vector<TimeComparison>;

/// Slower on neither number of threads, certainly faster on one, and by 2 % in the geometric mean.
bool isGain(const Gain &gain);
/// The geometric mean.
double meanRatio(const Gain &gain);
/// "1.04 (1.03 to 1.05) times as fast on one thread, 0.99 (0.97 to 1.01) on two".
std::string describe(const Gain &gain);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_TUNE_GAIN_H
