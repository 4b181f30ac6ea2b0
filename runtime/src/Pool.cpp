#include "runtime/src/Pool.h"

#include "runtime/src/Error.h"
#include "runtime/src/Futex.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sched.h>

using namespace oriel;

namespace {

// How long a thread without work looks for some before it sleeps. Longer than the serial stretches
// between the loops of a run, shorter than what other programs on the machine would feel.
constexpr int64_t helperSpinNanoseconds = 100'000;
// How long a caller waits for the last chunks before it sleeps.
constexpr int64_t callerSpinNanoseconds = 200'000;

constexpr int chunkBits = 16;
constexpr uint64_t chunkMask = (uint64_t(1) << chunkBits) - 1;

pthread_mutex_t sharedPoolLock = PTHREAD_MUTEX_INITIALIZER;
Pool *sharedPool = nullptr;

/// The processor that thread `self` of a pinned pool keeps to: the self-th of the allowed ones.
bool nthAllowedProcessor(int32_t self, cpu_set_t &chosen) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return false;
  }
  int32_t rank = self % CPU_COUNT(&allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed) && rank-- == 0) {
      CPU_ZERO(&chosen);
      CPU_SET(cpu, &chosen);
      return true;
    }
  }
  return false;
}

/// Takes one of a chunk's tasks that nobody has begun, if there is one.
bool takeTask(std::atomic<uint64_t> &tasks, bool fromEnd, int32_t &task) {
  uint64_t seen = tasks.load(std::memory_order_relaxed);
  while (true) {
    uint64_t begin = seen & 0xffffffff, end = seen >> 32;
    if (begin >= end) {
      return false;
    }
    uint64_t left = fromEnd ? (end - 1) << 32 | begin : end << 32 | (begin + 1);
    if (tasks.compare_exchange_weak(seen, left, std::memory_order_relaxed)) {
      task = int32_t(fromEnd ? end - 1 : begin);
      return true;
    }
  }
}

} // namespace

int32_t oriel::allowedProcessors() {
  cpu_set_t allowed;
  long count = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed)
                                                                   : sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count > maxWorkers ? maxWorkers : int32_t(count);
}

//===----------------------------------------------------------------------===//
// Life
//===----------------------------------------------------------------------===//

oriel_status Pool::create(const oriel_pool_options &options, Pool **out, oriel_error *error) {
  if (options.threads < 0 || options.threads > maxWorkers) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "a pool of %d threads is not possible: give 0 for all processors, or 1 to %d",
                options.threads, maxWorkers);
  }
  void *memory;
  if (posix_memalign(&memory, alignof(Pool), sizeof(Pool)) != 0) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a thread pool: free some");
  }
  Pool *pool = new (memory) Pool();
  pool->owner = getpid();
  pool->threadCount = options.threads > 0 ? options.threads : allowedProcessors();
  for (int32_t self = 1; self < pool->threadCount; ++self) {
    if (!pool->startThread(self, options.pin_threads != 0)) {
      int32_t started = self;
      pool->release();
      return fail(error, ORIEL_OUT_OF_RESOURCES,
                  "the system gives a pool only %d threads: ask for fewer", started);
    }
  }
  *out = pool;
  return ORIEL_OK;
}

oriel_status Pool::shared(Pool **out, oriel_error *error) {
  pthread_mutex_lock(&sharedPoolLock);
  oriel_status status = ORIEL_OK;
  if (sharedPool != nullptr) {
    sharedPool->retain();
  } else {
    oriel_pool_options options = {};
    status = create(options, &sharedPool, error);
    if (status == ORIEL_OK) {
      sharedPool->isShared = true;
    }
  }
  *out = sharedPool;
  pthread_mutex_unlock(&sharedPoolLock);
  return status;
}

void Pool::retain() { references.fetch_add(1, std::memory_order_relaxed); }

void Pool::release() {
  // The shared pool can be found by others until its last reference is gone.
  bool wasShared = isShared;
  if (wasShared) {
    pthread_mutex_lock(&sharedPoolLock);
  }
  bool isLast = references.fetch_sub(1, std::memory_order_acq_rel) == 1;
  if (isLast && wasShared) {
    sharedPool = nullptr;
  }
  if (wasShared) {
    pthread_mutex_unlock(&sharedPoolLock);
  }
  if (isLast) {
    stopThreads();
    this->~Pool();
    free(this);
  }
}

bool Pool::startThread(int32_t self, bool pin) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) {
    return false;
  }
  cpu_set_t processor;
  if (pin && nthAllowedProcessor(self, processor)) {
    pthread_attr_setaffinity_np(&attributes, sizeof processor, &processor);
  }
  // Signals are for the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  starts[self] = {this, self};
  bool isStarted = pthread_create(&handles[self], &attributes, threadMain, &starts[self]) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  startedThreads += isStarted ? 1 : 0;
  return isStarted;
}

void Pool::stopThreads() {
  if (getpid() != owner) {
    return;
  }
  isEnding.store(true);
  wakeups.fetch_add(1);
  futexWake(wakeups, maxWorkers);
  for (int32_t self = 1; self <= startedThreads; ++self) {
    pthread_join(handles[self], nullptr);
  }
}

//===----------------------------------------------------------------------===//
// The caller's side
//===----------------------------------------------------------------------===//

LoopPlace *Pool::enter() {
  for (int32_t i = 0; i < maxRuns; ++i) {
    bool expected = false;
    if (!places[i].isUsed.load(std::memory_order_relaxed) &&
        places[i].isUsed.compare_exchange_strong(expected, true, std::memory_order_acquire)) {
      int32_t count = placeCount.load(std::memory_order_relaxed);
      while (count <= i && !placeCount.compare_exchange_weak(count, i + 1)) {
      }
      busy.fetch_add(1, std::memory_order_relaxed);
      return &places[i];
    }
  }
  return nullptr;
}

void Pool::leave(LoopPlace *place) {
  if (place != nullptr) {
    busy.fetch_sub(1, std::memory_order_relaxed);
    place->isUsed.store(false, std::memory_order_release);
  }
}

int32_t Pool::run(LoopPlace &place, int32_t workers, int32_t count, oriel_task_fn task, void *arg,
                  const WorkerSpans &spans) {
  int32_t chunks = workers < count ? workers : count;
  if (chunks < 1) {
    return 0;
  }
  place.task = task;
  place.arg = arg;
  place.spans = spans;
  place.result.store(0, std::memory_order_relaxed);
  place.unfinished.store(chunks, std::memory_order_relaxed);
  uint64_t number = (place.loop.load(std::memory_order_relaxed) >> chunkBits) + 1;
  place.takenIn[0].store(number, std::memory_order_relaxed);
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    uint64_t begin = uint64_t(count * chunk / chunks), end = uint64_t(count * (chunk + 1) / chunks);
    place.tasks[chunk].store(end << 32 | begin, std::memory_order_relaxed);
  }
  uint64_t loop = number << chunkBits | uint64_t(chunks);
  // Sequentially consistent, as is the look at the sleepers after it and the other order of both in
  // sleep(): either the sleeper sees the loop or the caller sees the sleeper.
  place.loop.store(loop, std::memory_order_seq_cst);
  wakeHelpers(chunks - 1);
  runChunk(place, 0, chunks);
  for (int32_t chunk = chunks - 1; chunk > 0; --chunk) {
    if (tryChunk(place, loop, chunk)) {
      runChunk(place, chunk, chunks);
    }
  }
  awaitChunks(place);
  return place.result.load(std::memory_order_relaxed);
}

void Pool::wakeHelpers(int32_t wanted) {
  if (wanted > 0 && sleepers.load(std::memory_order_seq_cst) > 0 &&
      busy.load(std::memory_order_relaxed) < threadCount) {
    wakeups.fetch_add(1, std::memory_order_seq_cst);
    futexWake(wakeups, wanted);
  }
}

void Pool::awaitChunks(LoopPlace &place) {
  SpinBudget budget(callerSpinNanoseconds);
  while (place.unfinished.load(std::memory_order_acquire) != 0) {
    if (budget.spin()) {
      continue;
    }
    place.callerSleeps.store(true, std::memory_order_seq_cst);
    int32_t unfinished = place.unfinished.load(std::memory_order_seq_cst);
    if (unfinished != 0) {
      futexWait(place.unfinished, unfinished);
    }
    place.callerSleeps.store(false, std::memory_order_relaxed);
  }
}

//===----------------------------------------------------------------------===//
// Chunks
//===----------------------------------------------------------------------===//

bool Pool::tryChunk(LoopPlace &place, uint64_t loop, int32_t chunk) {
  uint64_t number = loop >> chunkBits;
  uint64_t seen = place.takenIn[chunk].load(std::memory_order_relaxed);
  return seen < number && place.takenIn[chunk].compare_exchange_strong(
                              seen, number, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void Pool::runTask(LoopPlace &place, int32_t task, int32_t worker) {
  int32_t result = place.task(place.arg, task, worker), none = 0;
  if (result != 0) {
    place.result.compare_exchange_strong(none, result, std::memory_order_relaxed);
  }
}

/// Runs the chunk's tasks as worker `chunk`, then those of others, from their ends.
void Pool::runChunk(LoopPlace &place, int32_t chunk, int32_t chunks) {
  auto isFailed = [&] { return place.result.load(std::memory_order_relaxed) != 0; };
  uint64_t begin = place.spans.isOn() ? place.spans.ticks() : 0;
  bool hadTask = false;
  for (int32_t k = 0; k < chunks; ++k) {
    std::atomic<uint64_t> &tasks = place.tasks[(chunk + k) % chunks];
    int32_t task;
    while (!isFailed() && takeTask(tasks, /*fromEnd=*/k > 0, task)) {
      runTask(place, task, chunk);
      hadTask = true;
    }
  }
  if (hadTask && place.spans.isOn()) {
    place.spans.note(chunk, begin);
  }
  if (place.unfinished.fetch_sub(1, std::memory_order_seq_cst) == 1 && chunk != 0 &&
      place.callerSleeps.load(std::memory_order_seq_cst)) {
    futexWake(place.unfinished, 1);
  }
}

//===----------------------------------------------------------------------===//
// The threads
//===----------------------------------------------------------------------===//

void *Pool::threadMain(void *argument) {
  Start *start = static_cast<Start *>(argument);
  pthread_setname_np(pthread_self(), "oriel-pool");
  start->pool->help(start->self);
  return nullptr;
}

void Pool::help(int32_t self) {
  SpinBudget budget(helperSpinNanoseconds);
  while (!isEnding.load(std::memory_order_relaxed)) {
    if (helpOnce(self)) {
      budget.reset();
    } else if (busy.load(std::memory_order_relaxed) >= threadCount || !budget.spin()) {
      sleep(self);
      budget.reset();
    }
  }
}

void Pool::sleep(int32_t self) {
  uint32_t ticket = wakeups.load(std::memory_order_seq_cst);
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  if (!helpOnce(self) && !isEnding.load(std::memory_order_seq_cst)) {
    futexWait(wakeups, ticket);
  }
  sleepers.fetch_sub(1, std::memory_order_relaxed);
}

/// Takes one chunk of any loop and runs it, if there is one and a processor for it. Chunk `self` of
/// a loop is looked at first: what the thread's cache holds of the last loop is likeliest in there.
bool Pool::helpOnce(int32_t self) {
  int32_t count = placeCount.load(std::memory_order_acquire);
  for (int32_t i = 0; i < count; ++i) {
    LoopPlace &place = places[i];
    uint64_t loop = place.loop.load(std::memory_order_seq_cst);
    int32_t chunks = int32_t(loop & chunkMask);
    if (chunks < 2 || place.unfinished.load(std::memory_order_relaxed) == 0) {
      continue;
    }
    for (int32_t k = 0; k < chunks - 1; ++k) {
      int32_t chunk = 1 + (self - 1 + k) % (chunks - 1);
      if (place.takenIn[chunk].load(std::memory_order_relaxed) >= loop >> chunkBits) {
        continue;
      }
      bool hasProcessor = busy.fetch_add(1, std::memory_order_relaxed) < threadCount;
      bool isTaken = hasProcessor && tryChunk(place, loop, chunk);
      if (isTaken) {
        runChunk(place, chunk, chunks);
      }
      busy.fetch_sub(1, std::memory_order_relaxed);
      if (isTaken || !hasProcessor) {
        return isTaken;
      }
    }
  }
  return false;
}

//===----------------------------------------------------------------------===//
// C API
//===----------------------------------------------------------------------===//

oriel_status oriel_pool_create(const oriel_pool_options *options, oriel_pool **out,
                               oriel_error *error) {
  oriel_pool_options known = {};
  if (options != nullptr) {
    size_t size = options->struct_size < sizeof known ? options->struct_size : sizeof known;
    memcpy(&known, options, size);
  }
  Pool *pool;
  oriel_status status = Pool::create(known, &pool, error);
  if (status == ORIEL_OK) {
    *out = reinterpret_cast<oriel_pool *>(pool);
  }
  return status;
}

void oriel_pool_release(oriel_pool *pool) {
  if (pool != nullptr) {
    reinterpret_cast<Pool *>(pool)->release();
  }
}
