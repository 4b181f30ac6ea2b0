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
  oriel_status create(const oriel_variant &variant, oriel_call &call, bool notesTasks,
                      oriel_error *error);
  bool isOn() const { return ticks != nullptr; }

  /// Bracket a run.
  void beginRun() { runBegin = clock.now(); }
  void endRun() {
    runEnd.ticks = clock.ticks();
    runEnd.nanoseconds = TickClock::nanoseconds();
    isConverted = false;
  }
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
  void convertLaunch(int32_t launch) const;

  TickClock clock;
  /// When the profiler was made: the rate of ticks is measured from then on.
  TickClock::Moment start = {}, runBegin = {}, runEnd = {};
  /// Spans of the launches, then those of the workers, worker after worker: two workers seldom
  /// write to one cache line. As measured, and as profile() gives them.
  oriel_span *ticks = nullptr;
  oriel_span *converted = nullptr;
  mutable oriel_profile times = {};
  mutable bool isConverted = true;
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
