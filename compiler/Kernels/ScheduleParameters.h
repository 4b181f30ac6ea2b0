//===- ScheduleParameters.h - What can be tuned of a schedule -------------===//
//
// A schedule asks for each size that it could also choose otherwise, KernelBuilder::choose, with
// the cost model's choice and all the values that it accepts. So what can be tuned is written once,
// where it is used, and no value from outside can be one that the schedule does not accept.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_SCHEDULEPARAMETERS_H
#define ORIEL_COMPILER_KERNELS_SCHEDULEPARAMETERS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oriel {

/// What a schedule is to choose. Whatever is not given here is left to the cost model.
struct ScheduleParameters {
  /// By name. A value that the schedule does not accept counts as not given.
  std::map<std::string, int64_t> values;
  /// Draws what is not among the values from all that the schedule accepts, the same for the same
  /// seed: for search and for tests.
  std::optional<uint64_t> seed;
};

/// `name=value`, with commas between, and the seed; equal for equal parameters only.
std::string describe(const ScheduleParameters &parameters);

/// A choice that a schedule made.
struct ScheduleChoice {
  std::string name;
  /// The cost model's choice and what was taken.
  int64_t preferred, chosen;
  /// What the schedule accepts, given the choices before this one; `preferred` is among it.
  std::vector<int64_t> accepted;
};

/// Makes a choice: the given value, one drawn, or `preferred`.
ScheduleChoice makeScheduleChoice(const ScheduleParameters &parameters, std::string name,
                                  int64_t preferred, std::vector<int64_t> accepted);

/// The given values that no choice took, as `describe` writes them.
std::string describeIgnored(const ScheduleParameters &parameters,
                            const std::vector<ScheduleChoice> &choices);

/// Divisors of a positive number, in ascending order.
std::vector<int64_t> divisorsOf(int64_t number);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_SCHEDULEPARAMETERS_H
