//===- Gain.cpp - How much faster something is ----------------------------===//

#include "tools/oriel-tune/Gain.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace oriel;

double oriel::meanRatio(const Gain &gain) {
  double sum = 0;
  for (const TimeComparison &run : gain) {
    sum += std::log(run.ratio);
  }
  return std::exp(sum / static_cast<double>(gain.size()));
}

bool oriel::isGain(const Gain &gain) {
  constexpr double leastMean = 1.02;
  bool isNowhereSlower = std::all_of(gain.begin(), gain.end(),
                                     [](const TimeComparison &run) { return run.ratio >= 1; });
  bool isFasterOnce = std::any_of(gain.begin(), gain.end(), [](const TimeComparison &run) {
    return run.verdict == TimeComparison::Verdict::Faster;
  });
  return isNowhereSlower && isFasterOnce && meanRatio(gain) >= leastMean;
}

std::string oriel::describe(const Gain &gain) {
  std::string text;
  for (const TimeComparison &run : gain) {
    char part[96];
    snprintf(part, sizeof part, "%s%.2f (%.2f to %.2f) %s", text.empty() ? "" : ", ", run.ratio,
             run.low, run.high, text.empty() ? "times as fast on one thread" : "on two");
    text += part;
  }
  return text;
}
