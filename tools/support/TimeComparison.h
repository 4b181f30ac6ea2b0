//===- TimeComparison.h - Two modules, timed in turns ---------------------===//
#ifndef ORIEL_TOOLS_SUPPORT_TIMECOMPARISON_H
#define ORIEL_TOOLS_SUPPORT_TIMECOMPARISON_H

#include <string>
#include <vector>

namespace oriel {

/// What pairs of times say about two modules.
struct TimeComparison {
  enum class Verdict { Faster, Slower, Alike, TooNoisy };

  /// The median of second / first of each pair: above 1, the first is faster.
  double ratio;
  /// The median of all pairs there could have been lies within with 95 % confidence.
  double low, high;
  Verdict verdict;

  /// "faster", "slower", "alike", "too noisy to tell".
  std::string describeVerdict() const;
};

/// Compares times of two modules that ran in turns; as many of both, five pairs at least. Pairs
/// share what the machine was doing at the time, so their ratios vary less than the times do. The
/// interval is that of order statistics (the sign test), which assumes nothing of the noise's
/// distribution. Alike: within 1 % of 1. Too noisy: 1 and more than 1 % lie within the interval.
TimeComparison compareTimes(const std::vector<double> &first, const std::vector<double> &second);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_TIMECOMPARISON_H
