//===- TimeComparison.cpp - Two modules, timed in turns -------------------===//

#include "tools/support/TimeComparison.h"

#include <algorithm>
#include <cmath>

using namespace oriel;

std::string TimeComparison::describeVerdict() const {
  switch (verdict) {
  case Verdict::Faster:
    return "faster";
  case Verdict::Slower:
    return "slower";
  case Verdict::Alike:
    return "alike";
  case Verdict::TooNoisy:
    break;
  }
  return "too noisy to tell";
}

static TimeComparison::Verdict judge(double low, double high) {
  constexpr double indifference = 0.01;
  if (low > 1 - indifference && high < 1 + indifference) {
    return TimeComparison::Verdict::Alike;
  }
  if (low > 1) {
    return TimeComparison::Verdict::Faster;
  }
  return high < 1 ? TimeComparison::Verdict::Slower : TimeComparison::Verdict::TooNoisy;
}

TimeComparison oriel::compareTimes(const std::vector<double> &first,
                                   const std::vector<double> &second) {
  std::vector<double> ratios;
  ratios.reserve(first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    ratios.push_back(second[i] / first[i]);
  }
  std::sort(ratios.begin(), ratios.end());
  // The rank of the median is binomial; 1.96 deviations of it, by the normal approximation, are its
  // 95 % interval. Rounded outwards.
  double count = double(ratios.size()), deviation = 1.96 * std::sqrt(count) / 2;
  auto at = [&](double rank) { return ratios[size_t(std::clamp(rank, 0.0, count - 1))]; };
  double low = at(std::floor((count - 1) / 2 - deviation)),
         high = at(std::ceil((count - 1) / 2 + deviation));
  double median = (at(std::floor((count - 1) / 2)) + at(std::ceil((count - 1) / 2))) / 2;
  return {median, low, high, judge(low, high)};
}
