// The threads that contexts share.
//
// A loop of a run is split into one contiguous chunk of tasks for each worker. The calling thread
// takes chunk 0, pool threads take the others as they get to it, and who is done with a chunk
// steals tasks from the ends of the others: a loop never waits for a thread to wake up or for one
// that the system has slowed down, and a pool whose threads are all busy elsewhere (or lost in a
// fork) still finishes every loop. Without such trouble a worker has the same tasks in every run,
// and finds in its cache what it has left there.

#ifndef ORIEL_RUNTIME_SRC_POOL_H
#define ORIEL_RUNTIME_SRC_POOL_H

#include "oriel/runtime.h"
#include "runtime/src/Profiler.h"

#include <atomic>
#include <pthread.h>
#include <sys/types.h>

namespace oriel {

/// Processors that this process may use, at least 1.
int32_t allowedProcessors();

/// Most workers of one loop, and most threads of a pool.
constexpr int32_t maxWorkers = 256;

/// The place of one run in the pool: what its loop in progress is and which chunks are taken.
/// A place outlives the runs that use it, so pool threads may look at it at any time.
struct alignas(64) LoopPlace {
  std::atomic<bool> isUsed;
  /// Number of the loop << 16 | its chunks. A thread that reads it and then takes a chunk of that
  /// loop (below) knows that the loop is still going on, so the fields after `unfinished` are its.
  std::atomic<uint64_t> loop;
  std::atomic<int32_t> unfinished;
  std::atomic<bool> callerSleeps;
  std::atomic<int32_t> result;
  oriel_task_fn task;
  void *arg;
  WorkerSpans spans;
  /// tasks[c]: those of chunk c that nobody has begun, end << 32 | begin. Touched only by threads
  /// within a chunk of the loop, which cannot end meanwhile.
  std::atomic<uint64_t> tasks[maxWorkers];
  /// takenIn[c]: the number of the last loop whose chunk c was taken.
  std::atomic<uint64_t> takenIn[maxWorkers];
};

class Pool {
public:
  /// Makes a pool with one reference, or fails.
  static oriel_status create(const oriel_pool_options &options, Pool **out, oriel_error *error);
  /// The pool of contexts that name none; made where there is none. Takes a reference.
  static oriel_status shared(Pool **out, oriel_error *error);
  void retain();
  void release();

  int32_t threads() const { return threadCount; }

  /// Brackets a run on the calling thread. enter() gives its place, or nullptr where too many runs
  /// are going on; the run then stays on its thread.
  LoopPlace *enter();
  void leave(LoopPlace *place);

  /// An oriel_parallel_for_fn, on `workers` workers of a run that has entered. Notes in `spans`,
  /// where they are on, when each had tasks.
  int32_t run(LoopPlace &place, int32_t workers, int32_t count, oriel_task_fn task, void *arg,
              const WorkerSpans &spans = {});

private:
  static constexpr int32_t maxRuns = 64;

  /// What a thread starts with.
  struct Start {
    Pool *pool;
    int32_t self;
  };

  static void *threadMain(void *argument);
  void help(int32_t self);
  bool helpOnce(int32_t self);
  bool tryChunk(LoopPlace &place, uint64_t loop, int32_t chunk);
  void runChunk(LoopPlace &place, int32_t chunk, int32_t chunks);
  static void runTask(LoopPlace &place, int32_t task, int32_t worker);
  void wakeHelpers(int32_t wanted);
  void awaitChunks(LoopPlace &place);
  bool startThread(int32_t self, bool pin);
  void stopThreads();
  void sleep(int32_t self);

  std::atomic<int32_t> references{1};
  int32_t threadCount = 1;
  int32_t startedThreads = 0;
  bool isShared = false;
  /// Threads do not survive a fork: in the child there is nothing to end.
  pid_t owner = 0;
  pthread_t handles[maxWorkers];
  Start starts[maxWorkers];

  /// Callers within a run and pool threads within a chunk: never more than threadCount of them once
  /// pool threads are counted, so that several runs at once do not crowd the processors.
  alignas(64) std::atomic<int32_t> busy{0};
  /// Pool threads that sleep, or are about to, until `wakeups` changes.
  alignas(64) std::atomic<int32_t> sleepers{0};
  std::atomic<uint32_t> wakeups{0};
  std::atomic<bool> isEnding{false};
  /// One more than the last place that was ever used.
  std::atomic<int32_t> placeCount{0};
  LoopPlace places[maxRuns];
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_POOL_H
