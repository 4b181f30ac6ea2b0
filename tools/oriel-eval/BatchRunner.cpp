#include "tools/oriel-eval/BatchRunner.h"

#include <chrono>
#include <system_error>

using namespace oriel;

BatchRunner::BatchRunner(std::vector<Run> runs) : runs(std::move(runs)) {
  try {
    for (const Run &run : this->runs) {
      if (this->runs.size() > 1) {
        threads.emplace_back([this, &run] { work(run); });
      }
    }
  } catch (const std::system_error &) {
    stop();
    throw;
  }
}

BatchRunner::~BatchRunner() { stop(); }

void BatchRunner::stop() {
  {
    std::lock_guard lock(mutex);
    isStopping = true;
  }
  isSubmitted.notify_all();
  for (std::thread &thread : threads) {
    thread.join();
  }
}

void BatchRunner::submit(PictureBatch batch) {
  {
    std::lock_guard lock(mutex);
    entries.emplace_back().result.batch = std::move(batch);
  }
  isSubmitted.notify_one();
}

RunBatch BatchRunner::take() {
  std::unique_lock lock(mutex);
  if (threads.empty()) {
    runNext(runs[0], lock);
  }
  isRun.wait(lock, [&] { return entries.front().isDone; });
  Entry entry = std::move(entries.front());
  entries.pop_front();
  --begun;
  if (entry.error) {
    std::rethrow_exception(entry.error);
  }
  return std::move(entry.result);
}

void BatchRunner::work(const Run &run) {
  std::unique_lock lock(mutex);
  for (;;) {
    isSubmitted.wait(lock, [&] { return isStopping || begun < entries.size(); });
    if (isStopping) {
      return;
    }
    runNext(run, lock);
    isRun.notify_one();
  }
}

void BatchRunner::runNext(const Run &run, std::unique_lock<std::mutex> &lock) {
  // Stays where it is while others come and go: it is not taken before it is done.
  Entry &entry = entries[begun++];
  lock.unlock();
  auto start = std::chrono::steady_clock::now();
  try {
    run(entry.result.batch, entry.result.logits);
  } catch (...) {
    entry.error = std::current_exception();
  }
  std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  lock.lock();
  entry.result.seconds = elapsed.count();
  entry.isDone = true;
}
