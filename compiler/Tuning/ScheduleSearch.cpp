//===- ScheduleSearch.cpp - Looks for a faster schedule -------------------===//

#include "compiler/Tuning/ScheduleSearch.h"

#include <algorithm>
#include <limits>

using namespace oriel;

/// What a time must fall to, as a share, for the search to go on from there: less is noise.
static constexpr double enoughGain = 0.985;
/// What it must have fallen to in the end. (Measured: of eight kernels of Swin-T that were 2 to 5 %
/// faster alone none was in the model, of seven that were 6 to 12 % faster five were.)
static constexpr double enoughGainInAll = 0.95;
/// Schedules drawn at random in a row that bring nothing before the search ends.
static constexpr uint64_t enoughFailures = 8;

namespace {

class Search {
public:
  explicit Search(const TrySchedule &trySchedule) : trySchedule(trySchedule) {}

  SearchResult run();

private:
  bool attempt(const ScheduleParameters &parameters);
  bool descend();
  bool improveChoice(size_t index);
  std::map<std::string, int64_t> valuesOf(const ScheduleTrial &trial) const;

  const TrySchedule &trySchedule;
  /// The fastest schedule so far, and whether there was no time for the last one.
  ScheduleTrial best;
  std::map<std::string, int64_t> costModel;
  bool isOutOfTime = false;
};

} // namespace

/// What a trial chose otherwise than the cost model.
std::map<std::string, int64_t> Search::valuesOf(const ScheduleTrial &trial) const {
  std::map<std::string, int64_t> values;
  for (const ScheduleChoice &choice : trial.choices) {
    values[choice.name] = choice.chosen;
  }
  return values == costModel ? std::map<std::string, int64_t>() : values;
}

/// Tries a schedule; true if it is the fastest now.
bool Search::attempt(const ScheduleParameters &parameters) {
  auto trial = trySchedule(parameters);
  isOutOfTime |= !trial;
  if (!trial || trial->relativeTime > best.relativeTime * enoughGain) {
    return false;
  }
  best = std::move(*trial);
  return true;
}

/// Goes from the best schedule along one choice as long as that gains: first to the values next to
/// the chosen one, then farther away, in either direction.
bool Search::improveChoice(size_t index) {
  bool hasGained = false;
  for (bool gains = true; gains && !isOutOfTime && index < best.choices.size();) {
    ScheduleChoice choice = best.choices[index];
    auto chosen = std::find(choice.accepted.begin(), choice.accepted.end(), choice.chosen);
    auto position = chosen - choice.accepted.begin();
    auto count = static_cast<ptrdiff_t>(choice.accepted.size());
    gains = false;
    for (ptrdiff_t distance = 1; distance < count && !gains && !isOutOfTime; distance *= 2) {
      for (ptrdiff_t other : {position + distance, position - distance}) {
        if (other < 0 || other >= count || gains || isOutOfTime) {
          continue;
        }
        ScheduleParameters parameters{valuesOf(best), {}};
        parameters.values[choice.name] = choice.accepted[static_cast<size_t>(other)];
        gains = attempt(parameters);
      }
    }
    hasGained |= gains;
  }
  return hasGained;
}

/// From the best schedule to one that no change of one choice makes faster.
bool Search::descend() {
  bool hasGained = false;
  for (bool gains = true; gains && !isOutOfTime;) {
    gains = false;
    for (size_t index = 0; index < best.choices.size() && !isOutOfTime; ++index) {
      gains |= improveChoice(index);
    }
    hasGained |= gains;
  }
  return hasGained;
}

SearchResult Search::run() {
  auto first = trySchedule({});
  if (!first) {
    return {};
  }
  best = std::move(*first);
  for (const ScheduleChoice &choice : best.choices) {
    costModel[choice.name] = choice.chosen;
  }
  bool hasAlternatives = std::any_of(best.choices.begin(), best.choices.end(),
                                     [](const auto &choice) { return choice.accepted.size() > 1; });
  if (hasAlternatives) {
    descend();
    uint64_t failures = 0;
    for (uint64_t seed = 1; failures < enoughFailures && !isOutOfTime; ++seed) {
      failures = attempt({{}, seed}) ? 0 : failures + 1;
      if (failures == 0) {
        descend();
      }
    }
  }
  if (best.relativeTime > enoughGainInAll) {
    return {{}, 1, !isOutOfTime};
  }
  return {valuesOf(best), best.relativeTime, !isOutOfTime};
}

SearchResult oriel::searchSchedule(const TrySchedule &trySchedule) {
  return Search(trySchedule).run();
}
