#include "runtime/src/Profiler.h"

#include "runtime/src/Error.h"

#include <cpuid.h>
#include <cstdlib>
#include <cstring>
#include <time.h>
#include <x86intrin.h>

using namespace oriel;

static uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000 + uint64_t(time.tv_nsec);
}

/// Whether the time-stamp counters of all cores go together at one rate, whatever their clocks
/// (AMD64 Architecture Programmer's Manual 3, CPUID Fn8000_0007_EDX[8]; Intel SDM 3B, 19.17).
static bool hasInvariantCounter() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) != 0 && (edx >> 8 & 1) != 0;
}

uint64_t Profiler::readTicks() const { return usesCounter ? __rdtsc() : now(); }

Profiler::~Profiler() { free(spans); }

oriel_status Profiler::create(const oriel_variant &variant, oriel_call &call, oriel_error *error) {
  size_t count = size_t(variant.launch_count) * (size_t(call.worker_count) + 1);
  // One more, as a module may have no launches.
  spans = static_cast<oriel_span *>(calloc(count + 1, sizeof(oriel_span)));
  if (spans == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a profile: free some");
  }
  usesCounter = hasInvariantCounter();
  workerSpans = spans + variant.launch_count;
  times.launch_count = variant.launch_count;
  times.worker_count = call.worker_count;
  times.launches = spans;
  times.workers = workerSpans;
  launchBegin = call.launch_begin;
  launchEnd = call.launch_end;
  hookArgument = call.hook_arg;
  parallelFor = call.parallel_for;
  pool = call.pool;
  call.launch_begin = beginLaunch;
  call.launch_end = endLaunch;
  call.hook_arg = this;
  call.parallel_for = runLoop;
  call.pool = this;
  return ORIEL_OK;
}

void Profiler::beginRun() {
  size_t count = size_t(times.launch_count) * (size_t(times.worker_count) + 1);
  memset(spans, 0, count * sizeof(oriel_span));
  times.run = {now(), 0};
  runTicks.begin_ns = readTicks();
}

uint64_t Profiler::nanosecondsOf(uint64_t ticks) const {
  // Another core's counter may be some ticks off.
  uint64_t begin = runTicks.begin_ns, end = runTicks.end_ns;
  uint64_t inRun = ticks < begin ? begin : ticks > end ? end : ticks;
  // Exact to a nanosecond for runs of up to 2^53 of them.
  double share = end > begin ? double(inRun - begin) / double(end - begin) : 0.0;
  return times.run.begin_ns + uint64_t(double(times.run.end_ns - times.run.begin_ns) * share);
}

void Profiler::endRun() {
  runTicks.end_ns = readTicks();
  times.run.end_ns = now();
  size_t count = size_t(times.launch_count) * (size_t(times.worker_count) + 1);
  for (size_t i = 0; i < count; ++i) {
    if (spans[i].end_ns != 0) {
      spans[i] = {nanosecondsOf(spans[i].begin_ns), nanosecondsOf(spans[i].end_ns)};
    }
  }
}

void Profiler::beginLaunch(void *profiler, int32_t launch) {
  auto &self = *static_cast<Profiler *>(profiler);
  if (self.launchBegin != nullptr) {
    self.launchBegin(self.hookArgument, launch);
  }
  self.current = launch;
  self.spans[launch].begin_ns = self.readTicks();
}

void Profiler::endLaunch(void *profiler, int32_t launch) {
  auto &self = *static_cast<Profiler *>(profiler);
  oriel_span &span = self.spans[launch];
  span.end_ns = self.readTicks();
  bool hasLoop = false;
  for (int32_t worker = 0; worker < self.times.worker_count && !hasLoop; ++worker) {
    hasLoop = self.spanOf(worker, launch).end_ns != 0;
  }
  if (!hasLoop) {
    self.spanOf(0, launch) = span;
  }
  if (self.launchEnd != nullptr) {
    self.launchEnd(self.hookArgument, launch);
  }
}

int32_t Profiler::runLoop(void *profiler, int32_t count, oriel_task_fn task, void *arg) {
  auto &self = *static_cast<Profiler *>(profiler);
  Loop loop = {&self, task, arg};
  return self.parallelFor(self.pool, count, runTask, &loop);
}

/// No two tasks are on one worker at the same time, so the span is this thread's.
int32_t Profiler::runTask(void *loop, int32_t index, int32_t worker) {
  const Loop &self = *static_cast<const Loop *>(loop);
  oriel_span &span = self.profiler->spanOf(worker, self.profiler->current);
  if (span.begin_ns == 0) {
    span.begin_ns = self.profiler->readTicks();
  }
  int32_t result = self.task(self.arg, index, worker);
  span.end_ns = self.profiler->readTicks();
  return result;
}
