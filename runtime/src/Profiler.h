// The times of a run, as oriel_profile has them.
//
// A launch costs two readings of a clock, a task of a loop one more, in places that were
// allocated with the context: a run with a profile allocates nothing either. During a run spans
// hold ticks of the processor's time-stamp counter, which takes a third of the system's clock to
// read; at its end they become nanoseconds.

#ifndef ORIEL_RUNTIME_SRC_PROFILER_H
#define ORIEL_RUNTIME_SRC_PROFILER_H

#include "oriel/runtime.h"

namespace oriel {

class Profiler {
public:
  Profiler() = default;
  Profiler(const Profiler &) = delete;
  Profiler &operator=(const Profiler &) = delete;
  ~Profiler();

  /// Puts itself between `call`, which is complete, and the hooks and loops that it has.
  oriel_status create(const oriel_variant &variant, oriel_call &call, oriel_error *error);
  bool isOn() const { return spans != nullptr; }

  /// Bracket a run.
  void beginRun();
  void endRun();

  const oriel_profile &profile() const { return times; }

private:
  struct Loop {
    Profiler *profiler;
    oriel_task_fn task;
    void *arg;
  };

  uint64_t readTicks() const;
  /// Nanoseconds of CLOCK_MONOTONIC at `ticks` of the run.
  uint64_t nanosecondsOf(uint64_t ticks) const;
  static void beginLaunch(void *profiler, int32_t launch);
  static void endLaunch(void *profiler, int32_t launch);
  static int32_t runLoop(void *profiler, int32_t count, oriel_task_fn task, void *arg);
  static int32_t runTask(void *loop, int32_t index, int32_t worker);
  oriel_span &spanOf(int32_t worker, int32_t launch) {
    return workerSpans[int64_t(worker) * times.launch_count + launch];
  }

  oriel_profile times = {};
  /// Those of the launches, then those of the workers, worker after worker: two workers seldom
  /// write to one cache line.
  oriel_span *spans = nullptr;
  oriel_span *workerSpans = nullptr;
  int32_t current = 0;
  bool usesCounter = false;
  oriel_span runTicks = {};
  /// What the call had before.
  void (*launchBegin)(void *, int32_t) = nullptr;
  void (*launchEnd)(void *, int32_t) = nullptr;
  void *hookArgument = nullptr;
  oriel_parallel_for_fn parallelFor = nullptr;
  void *pool = nullptr;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_PROFILER_H
