// Runs the model on several batches at a time.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_BATCHRUNNER_H
#define ORIEL_TOOLS_ORIEL_EVAL_BATCHRUNNER_H

#include "tools/oriel-eval/Pictures.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace oriel {

/// A batch and what the model made of it.
struct RunBatch {
  PictureBatch batch;
  /// Of all its items, one behind the other.
  std::vector<float> logits;
  double seconds = 0;
};

/// Threads that each run a batch of their own, and wait for no other at the end of every kernel:
/// for many pictures that is faster than all threads on one batch. What comes out is in the order
/// of what went in.
class BatchRunner {
public:
  /// Writes the logits of a batch. Called on one thread, for one batch at a time.
  using Run = std::function<void(const PictureBatch &, std::vector<float> &)>;

  /// A thread for each of `runs`; for a single one none: take() runs the batch.
  explicit BatchRunner(std::vector<Run> runs);
  /// Waits for the batches that are being run; those not begun are dropped.
  ~BatchRunner();
  BatchRunner(const BatchRunner &) = delete;
  BatchRunner &operator=(const BatchRunner &) = delete;

  void submit(PictureBatch batch);
  /// Waits for the first batch not taken yet, of which there must be one. Throws what its run
  /// threw.
  RunBatch take();

  /// Batches submitted and not taken.
  size_t size() const { return entries.size(); }
  /// Whether there are enough that no thread needs another while one is taken.
  bool isFull() const { return entries.size() >= 2 * threads.size(); }

private:
  struct Entry {
    RunBatch result;
    std::exception_ptr error;
    bool isDone = false;
  };

  void work(const Run &run);
  void runNext(const Run &run, std::unique_lock<std::mutex> &lock);
  void stop();

  std::mutex mutex;
  std::condition_variable isSubmitted, isRun;
  /// Changed by the caller's thread only.
  std::deque<Entry> entries;
  /// How many of the entries have been begun.
  size_t begun = 0;
  bool isStopping = false;
  std::vector<Run> runs;
  std::vector<std::thread> threads;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_BATCHRUNNER_H
