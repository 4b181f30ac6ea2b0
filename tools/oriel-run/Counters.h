// The processor's counters, by perf events, for each launch of a run.

#ifndef ORIEL_TOOLS_ORIEL_RUN_COUNTERS_H
#define ORIEL_TOOLS_ORIEL_RUN_COUNTERS_H

#include "oriel/runtime.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

/// Counts what the calling thread, and threads that it starts later, do in user mode.
class Counters {
public:
  static constexpr size_t eventCount = 5;
  using Counts = std::array<uint64_t, eventCount>;
  /// "cycles", "instructions", "cache_misses" (of the last level), "branch_misses", "page_faults".
  static const std::array<const char *, eventCount> names;

  /// Opens what the system allows; before a context whose threads are to be counted.
  Counters();
  ~Counters();
  Counters(const Counters &) = delete;
  Counters &operator=(const Counters &) = delete;

  bool has(size_t event) const { return files[event] >= 0; }
  /// Why those that are absent are; "" where all are there.
  const std::string &missing() const { return reason; }

  /// oriel_context_options::launch_begin and launch_end, with a Counters as hook_arg: between
  /// `start` and `stop` they add what each launch counted to counts().
  static void beginLaunch(void *counters, int32_t launch);
  static void endLaunch(void *counters, int32_t launch);
  void start(int32_t launchCount);
  void stop() { isOn = false; }
  /// Of each launch; empty before `start`.
  const std::vector<Counts> &counts() const { return ofLaunches; }

private:
  Counts read() const;

  std::array<int, eventCount> files;
  std::string reason;
  bool isOn = false;
  Counts atBegin = {};
  std::vector<Counts> ofLaunches;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_RUN_COUNTERS_H
