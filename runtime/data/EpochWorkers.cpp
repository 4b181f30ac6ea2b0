#include "oriel/data/EpochWorkers.h"

#include "oriel/data/DataLoader.h"

#include <algorithm>
#include <system_error>

using namespace oriel::data;

void oriel::data::checkLoaderOptions(const LoaderOptions &options) {
  if (options.batchSize == 0 || options.prefetch == 0) {
    throw Error("a loader needs a batch size and a prefetch depth of at least 1");
  }
  if (options.workers < 0 || options.workers > 1024) {
    throw Error("a loader cannot have " + std::to_string(options.workers) +
                " workers: give 0 to 1024");
  }
}

EpochWorkers::EpochWorkers(Plan plan)
    : plan(std::move(plan)), progress(this->plan.prefetch), endPosition(this->plan.samples) {
  for (size_t batch = 0; batch < progress.size(); ++batch) {
    progress[batch].samplesLeft = samplesOf(batch);
  }
  size_t count = std::min(size_t(this->plan.workers), this->plan.samples);
  try {
    while (threads.size() < count) {
      threads.emplace_back([this] { work(); });
    }
  } catch (const std::system_error &error) {
    stop();
    throw Error("cannot start " + std::to_string(count) + " workers (" + error.what() +
                "): ask for fewer");
  }
}

EpochWorkers::~EpochWorkers() { stop(); }

void EpochWorkers::stop() {
  {
    Lock lock(mutex);
    isStopping = true;
  }
  canContinue.notify_all();
  for (std::thread &thread : threads) {
    thread.join();
  }
}

size_t EpochWorkers::samplesOf(size_t batch) const {
  size_t begin = batch * plan.batchSize;
  return std::min(plan.batchSize, plan.samples - std::min(begin, plan.samples));
}

/// Whether the next sample's batch has a place.
bool EpochWorkers::mayStart() const {
  return nextPosition < endPosition && nextPosition / plan.batchSize < released + plan.prefetch;
}

/// Whether workers that sleep are needed for `batch`, or have so much to do that it is worth waking
/// them: to wake one for each batch costs more than to load a small picture.
bool EpochWorkers::wakesWorkers(size_t batch) const {
  size_t started = nextPosition / plan.batchSize, end = released + plan.prefetch;
  return started <= batch || 2 * (end - std::min(started, end)) >= plan.prefetch;
}

void EpochWorkers::work() {
  Lock lock(mutex);
  for (;;) {
    canContinue.wait(lock, [&] { return isStopping || nextPosition >= endPosition || mayStart(); });
    if (isStopping || nextPosition >= endPosition) {
      return;
    }
    processNext(lock);
  }
}

/// What `function` throws.
template <typename Function>
static std::exception_ptr catchError(Function function) {
  try {
    function();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

void EpochWorkers::processNext(Lock &lock) {
  size_t position = nextPosition++, batch = position / plan.batchSize;
  lock.unlock();
  std::exception_ptr error = catchError([&] { plan.load(position); });
  lock.lock();
  Progress &state = progressOf(batch);
  if (error && (!state.error || position < state.failedPosition)) {
    state.error = error;
    state.failedPosition = position;
    // The loop ends there: no batch behind it is wanted.
    endPosition = std::min(endPosition, batch * plan.batchSize + samplesOf(batch));
  }
  if (--state.samplesLeft == 0) {
    finishBatch(batch, lock);
  }
}

void EpochWorkers::finishBatch(size_t batch, Lock &lock) {
  Progress &state = progressOf(batch);
  if (!state.error) {
    lock.unlock();
    std::exception_ptr error = catchError([&] { plan.collate(batch); });
    lock.lock();
    state.error = error;
  }
  state.isReady = true;
  batchReady.notify_all();
}

void EpochWorkers::take(size_t batch) {
  Lock lock(mutex);
  for (; released < batch; ++released) {
    progressOf(released) = {samplesOf(released + plan.prefetch), false, nullptr, 0};
  }
  if (wakesWorkers(batch)) {
    lock.unlock();
    canContinue.notify_all();
    lock.lock();
  }
  Progress &state = progressOf(batch);
  while (threads.empty() && !state.isReady) {
    processNext(lock);
  }
  batchReady.wait(lock, [&] { return state.isReady; });
  if (state.error) {
    std::rethrow_exception(state.error);
  }
}
