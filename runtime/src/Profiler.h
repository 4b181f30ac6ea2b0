// The times of a run, as oriel_profile has them.
//
// A launch costs two readings of a clock on the calling thread, and a loop two on each worker, in
// places that were allocated with the context and that only their worker writes. They stay in the
// clock's ticks until they are asked for, and nothing is cleared between runs: what is older than
// its launch is of an earlier run.

#ifndef ORIEL_RUNTIME_SRC_PROFILER_H
#define ORIEL_RUNTIME_SRC_PROFILER_H

#include "oriel/runtime.h"
#include "runtime/src/TickClock.h"

namespace oriel {

/// Where the loops of one launch note when each worker was at work, in ticks.
class WorkerSpans {
public:
  WorkerSpans() = default;
  /// That of worker w is first[w * stride].
  WorkerSpans(TickClock clock, oriel_span *first, int64_t stride, uint64_t launchBegin)
      : clock(clock), first(first), stride(stride), launchBegin(launchBegin) {}

  bool isOn() const { return first != nullptr; }
  uint64_t ticks() const { return clock.ticks(); }
  /// The worker was at work from `begin` until now, perhaps not for the first time in this launch.
  void note(int32_t worker, uint64_t begin) const {
    oriel_span &span = first[worker * stride];
    if (span.begin_ns < launchBegin) {
      span.begin_ns = begin;
    }
    span.end_ns = clock.ticks();
  }

private:
  TickClock clock;
  oriel_span *first = nullptr;
  int64_t stride = 0;
  uint64_t launchBegin = 0;
};

class Profiler {
public:
  Profiler() = default;
  Profiler(const Profiler &) = delete;
  Profiler &operator=(const Profiler &) = delete;
  ~Profiler();

  /// Puts itself between `call`, which is complete, and the hooks that it has; and its loops, where
  /// `notesTasks`. Otherwise the pool notes the times of workers.
  oriel_status create(const oriel_variant &variant, int32_t slices, oriel_call &call,
                      bool notesTasks, oriel_error *error);
  bool isOn() const { return ticks != nullptr; }

  /// Bracket a run.
  void beginRun() {
    runBegin = clock.now();
    slice = 0;
  }
  void endRun() {
    runEnd.ticks = clock.ticks();
    runEnd.nanoseconds = TickClock::nanoseconds();
    isConverted = false;
  }
  /// Before the launches of slice `index`, which need not be called where there is one.
  void beginSlice(int32_t index) { slice = index; }
  /// Of the launch that is going on; off, where the profiler is.
  const WorkerSpans &workerSpans() const { return launchSpans; }

  const oriel_profile &profile() const;

private:
  struct Loop {
    const WorkerSpans *spans;
    oriel_task_fn task;
    void *arg;
  };

  static void beginLaunch(void *profiler, int32_t launch);
  static void endLaunch(void *profiler, int32_t launch);
  static int32_t runLoop(void *profiler, int32_t count, oriel_task_fn task, void *arg);
  static int32_t runTask(void *loop, int32_t index, int32_t worker);
  uint64_t nanosecondsAt(uint64_t tick) const;
  oriel_span nanosecondsOf(oriel_span span, oriel_span within) const;
  /// Where spans of a slice begin, those of launches and those of workers.
  int64_t launchesOf(int32_t index) const { return int64_t(index) * times.launch_count; }
  int64_t workersOf(int32_t index) const {
    return (int64_t(times.slice_count) + int64_t(index) * times.worker_count) * times.launch_count;
  }
  void convertLaunch(int32_t index, int32_t launch) const;

  TickClock clock;
  /// When the profiler was made: the rate of ticks is measured from then on.
  TickClock::Moment start = {}, runBegin = {}, runEnd = {};
  /// Spans of the launches, slice after slice, then those of the workers, in each slice worker
  /// after worker: two workers seldom write to one cache line. As measured, and as profile() gives
  /// them.
  oriel_span *ticks = nullptr;
  oriel_span *converted = nullptr;
  mutable oriel_profile times = {};
  mutable bool isConverted = true;
  /// The slice that is computed.
  int32_t slice = 0;
  WorkerSpans launchSpans;
  /// What the call had before.
  void (*launchBegin)(void *, int32_t) = nullptr;
  void (*launchEnd)(void *, int32_t) = nullptr;
  void *hookArgument = nullptr;
  oriel_parallel_for_fn parallelFor = nullptr;
  void *pool = nullptr;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_PROFILER_H
