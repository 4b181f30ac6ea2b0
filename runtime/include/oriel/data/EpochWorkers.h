// The threads behind one epoch of a DataLoader; not for use by itself.

#ifndef ORIEL_DATA_EPOCHWORKERS_H
#define ORIEL_DATA_EPOCHWORKERS_H

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace oriel::data {

struct LoaderOptions;

/// Throws Error where an option is out of range.
void checkLoaderOptions(const LoaderOptions &options);

/// Calls `load` once for each sample, started in order, and `collate` for each batch once all of
/// its samples are loaded, on threads of its own. At most `prefetch` batches are between their
/// first load() and the moment the loop takes the batch behind them.
class EpochWorkers {
public:
  struct Plan {
    size_t samples;
    size_t batchSize;
    size_t prefetch;
    /// 0: take() does the work.
    int workers;
    std::function<void(size_t position)> load;
    std::function<void(size_t batch)> collate;
  };

  /// Throws Error where the system refuses a thread.
  explicit EpochWorkers(Plan plan);
  /// Waits for the calls under way.
  ~EpochWorkers();
  EpochWorkers(const EpochWorkers &) = delete;
  EpochWorkers &operator=(const EpochWorkers &) = delete;

  /// Waits until `batch` is collated and gives up those before it. To be called for 0, 1, 2, ...
  /// Throws what load() threw for the first of the batch's samples that failed, or collate().
  void take(size_t batch);

private:
  /// How far every prefetch-th batch is.
  struct Progress {
    size_t samplesLeft = 0;
    bool isReady = false;
    /// Of the sample at failedPosition.
    std::exception_ptr error;
    size_t failedPosition = 0;
  };

  using Lock = std::unique_lock<std::mutex>;
  Progress &progressOf(size_t batch) { return progress[batch % progress.size()]; }
  size_t samplesOf(size_t batch) const;
  bool mayStart() const;
  bool wakesWorkers(size_t batch) const;
  void work();
  void processNext(Lock &lock);
  void finishBatch(size_t batch, Lock &lock);
  void stop();

  Plan plan;
  std::mutex mutex;
  /// There is a sample to start, or none will come.
  std::condition_variable canContinue;
  std::condition_variable batchReady;
  std::vector<Progress> progress;
  /// Samples [nextPosition, endPosition) are to be started.
  size_t nextPosition = 0;
  size_t endPosition;
  /// Batches that the loop has done with.
  size_t released = 0;
  bool isStopping = false;
  std::vector<std::thread> threads;
};

} // namespace oriel::data

#endif // ORIEL_DATA_EPOCHWORKERS_H
