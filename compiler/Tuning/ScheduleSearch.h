//===- ScheduleSearch.h - Looks for a faster schedule ---------------------===//
#ifndef ORIEL_COMPILER_TUNING_SCHEDULESEARCH_H
#define ORIEL_COMPILER_TUNING_SCHEDULESEARCH_H

#include "compiler/Kernels/ScheduleParameters.h"

#include <functional>

namespace oriel {

/// What is known of a schedule after it was tried.
struct ScheduleTrial {
  /// What it chose; empty where it could not be tried.
  std::vector<ScheduleChoice> choices;
  /// Its time as a share of that of the cost model's schedule; infinite for one that is wrong or
  /// could not be tried.
  double relativeTime;
};

/// Tries a schedule. Nothing where there is no time left, which ends the search.
using TrySchedule = std::function<std::optional<ScheduleTrial>(const ScheduleParameters &)>;

struct SearchResult {
  /// The values of the fastest schedule; empty if that is the cost model's.
  std::map<std::string, int64_t> values;
  double relativeTime = 1;
  /// Nothing is left to try.
  bool isComplete = false;
};

/// Looks for a schedule that is faster than the cost model's: from the best known one choice by
/// choice to its neighbours (coordinate descent), then from schedules drawn at random, until those
/// have brought nothing several times. The same for the same trials: a search that ended for want
/// of time goes on where it was if it is run again with the trials that were made.
SearchResult searchSchedule(const TrySchedule &trySchedule);

} // namespace oriel

#endif // ORIEL_COMPILER_TUNING_SCHEDULESEARCH_H
