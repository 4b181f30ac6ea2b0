#include "runtime/src/Profiler.h"

#include "runtime/src/Error.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace oriel;

/// The kernel takes the counter for its own clock only where it is steady and in step on all
/// processors, and gives it up when it is no longer
/// (torvalds/linux:arch/x86/kernel/tsc.c, unsynchronized_tsc, mark_tsc_unstable).
TickClock TickClock::best() {
  TickClock clock;
#if defined(__x86_64__)
  char name[8] = {};
  int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                  O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    clock.isCounter = read(file, name, sizeof name - 1) == 4 && strcmp(name, "tsc\n") == 0;
    close(file);
  }
#endif
  return clock;
}

Profiler::~Profiler() { free(ticks); }

oriel_status Profiler::create(const oriel_variant &variant, int32_t slices, oriel_call &call,
                              bool notesTasks, oriel_error *error) {
  size_t launches = size_t(slices) * size_t(variant.launch_count);
  size_t count = launches * (size_t(call.worker_count) + 1);
  // One more, as a module may have no launches.
  ticks = static_cast<oriel_span *>(calloc(2 * count + 1, sizeof(oriel_span)));
  if (ticks == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a profile: free some");
  }
  converted = ticks + count;
  times.launch_count = variant.launch_count;
  times.worker_count = call.worker_count;
  times.launches = converted;
  times.workers = converted + launches;
  times.slice_count = slices;
  clock = TickClock::best();
  start = clock.now();
  launchBegin = call.launch_begin;
  launchEnd = call.launch_end;
  hookArgument = call.hook_arg;
  call.launch_begin = beginLaunch;
  call.launch_end = endLaunch;
  call.hook_arg = this;
  if (notesTasks) {
    parallelFor = call.parallel_for;
    pool = call.pool;
    call.parallel_for = runLoop;
    call.pool = this;
  }
  return ORIEL_OK;
}

//===----------------------------------------------------------------------===//
// Within a run
//===----------------------------------------------------------------------===//

void Profiler::beginLaunch(void *profiler, int32_t launch) {
  auto &self = *static_cast<Profiler *>(profiler);
  if (self.launchBegin != nullptr) {
    self.launchBegin(self.hookArgument, launch);
  }
  uint64_t now = self.clock.ticks();
  self.ticks[self.launchesOf(self.slice) + launch].begin_ns = now;
  self.launchSpans = WorkerSpans(self.clock, self.ticks + self.workersOf(self.slice) + launch,
                                 self.times.launch_count, now);
}

void Profiler::endLaunch(void *profiler, int32_t launch) {
  auto &self = *static_cast<Profiler *>(profiler);
  self.ticks[self.launchesOf(self.slice) + launch].end_ns = self.clock.ticks();
  if (self.launchEnd != nullptr) {
    self.launchEnd(self.hookArgument, launch);
  }
}

int32_t Profiler::runLoop(void *profiler, int32_t count, oriel_task_fn task, void *arg) {
  auto &self = *static_cast<Profiler *>(profiler);
  Loop loop = {&self.launchSpans, task, arg};
  return self.parallelFor(self.pool, count, runTask, &loop);
}

/// No two tasks are on one worker at the same time, so the span is this thread's.
int32_t Profiler::runTask(void *loop, int32_t index, int32_t worker) {
  const Loop &self = *static_cast<const Loop *>(loop);
  uint64_t begin = self.spans->ticks();
  int32_t result = self.task(self.arg, index, worker);
  self.spans->note(worker, begin);
  return result;
}

//===----------------------------------------------------------------------===//
// After it
//===----------------------------------------------------------------------===//

/// Within the run, in the order of the ticks.
uint64_t Profiler::nanosecondsAt(uint64_t tick) const {
  if (tick <= runBegin.ticks) {
    return runBegin.nanoseconds;
  }
  // Exact to a nanosecond in runs of up to 2^53 ticks, and never decreasing.
  uint64_t elapsed = runEnd.ticks - start.ticks;
  double length =
      double(runEnd.nanoseconds - start.nanoseconds) / double(elapsed > 0 ? elapsed : 1);
  uint64_t time = uint64_t(double(tick - runBegin.ticks) * length);
  uint64_t whole = runEnd.nanoseconds - runBegin.nanoseconds;
  return runBegin.nanoseconds + (time < whole ? time : whole);
}

/// `span` in nanoseconds; zeros where it began before `within`, which is in ticks too.
oriel_span Profiler::nanosecondsOf(oriel_span span, oriel_span within) const {
  if (span.begin_ns < within.begin_ns || span.end_ns < span.begin_ns) {
    return {};
  }
  uint64_t end = span.end_ns < within.end_ns ? span.end_ns : within.end_ns;
  return {nanosecondsAt(span.begin_ns), nanosecondsAt(end)};
}

void Profiler::convertLaunch(int32_t index, int32_t launch) const {
  int64_t ofLaunch = launchesOf(index) + launch, ofWorkers = workersOf(index) + launch;
  oriel_span whole = ticks[ofLaunch];
  converted[ofLaunch] = nanosecondsOf(whole, {runBegin.ticks, runEnd.ticks});
  bool isRun = converted[ofLaunch].end_ns != 0;
  bool hasLoop = false;
  for (int32_t worker = 0; worker < times.worker_count; ++worker) {
    int64_t place = ofWorkers + int64_t(worker) * times.launch_count;
    converted[place] = isRun ? nanosecondsOf(ticks[place], whole) : oriel_span{};
    hasLoop |= converted[place].end_ns != 0;
  }
  if (!hasLoop) {
    converted[ofWorkers] = converted[ofLaunch];
  }
}

const oriel_profile &Profiler::profile() const {
  if (!isConverted) {
    isConverted = true;
    times.run = {runBegin.nanoseconds, runEnd.nanoseconds};
    for (int32_t index = 0; index < times.slice_count; ++index) {
      for (int32_t launch = 0; launch < times.launch_count; ++launch) {
        convertLaunch(index, launch);
      }
    }
  }
  return times;
}
