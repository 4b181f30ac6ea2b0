// Batches of a dataset's samples, made ahead of the loop that takes them.

#ifndef ORIEL_DATA_DATALOADER_H
#define ORIEL_DATA_DATALOADER_H

#include "oriel/data/Dataset.h"
#include "oriel/data/EpochWorkers.h"
#include "oriel/data/Sampler.h"

#include <iterator>
#include <memory>
#include <optional>

namespace oriel::data {

struct LoaderOptions {
  size_t batchSize = 1;
  /// Threads that get samples. 0: the loop's own thread does, when it asks for a batch.
  int workers = 0;
  /// Batches that exist at a time, the one in the loop's hands among them: what bounds memory.
  /// Workers wait while there are so many.
  size_t prefetch = 4;
  /// Leave out a last batch that has fewer samples than the others.
  bool dropLast = false;
};

/// What collates where nothing else is given.
struct DefaultCollate {
  Batch operator()(std::vector<Sample> samples) const { return collate(std::move(samples)); }
};

/// The batches of a dataset:
///
///   for (Batch &batch : DataLoader(dataset, {.batchSize = 32, .workers = 2})) ...
///
/// Batches come in the sampler's order whatever the number of workers. What a sample or a batch
/// throws comes out of the loop in its place; leaving the loop early ends the workers, once each
/// has the sample that it is at. `Collate` makes a vector of samples a batch, of any type. The
/// dataset must live as long as the loader, the loader as long as the loop.
template <Dataset D, typename Collate = DefaultCollate>
class DataLoader {
public:
  using Sample = SampleOf<D>;
  using Batch = std::invoke_result_t<const Collate &, std::vector<Sample>>;
  class Iterator;

  /// One pass over the sampler's indices.
  class Epoch {
  public:
    Iterator begin() const { return Iterator(*loader, number); }
    std::default_sentinel_t end() const { return {}; }

  private:
    friend DataLoader;
    Epoch(const DataLoader &loader, uint64_t number) : loader(&loader), number(number) {}

    const DataLoader *loader;
    uint64_t number;
  };

  /// Takes the samples in the dataset's order.
  explicit DataLoader(const D &dataset, LoaderOptions options = {}, Collate collate = {})
      : DataLoader(dataset, SequentialSampler(dataset.size()), options, std::move(collate)) {}

  /// Throws Error where the options are out of range.
  DataLoader(const D &dataset, Sampler sampler, LoaderOptions options = {}, Collate collate = {})
      : dataset(&dataset), sampler(std::move(sampler)), options(options),
        collate(std::move(collate)) {
    checkLoaderOptions(options);
  }

  DataLoader(D &&, LoaderOptions = {}, Collate = {}) = delete;
  DataLoader(D &&, Sampler, LoaderOptions = {}, Collate = {}) = delete;

  /// Batches of an epoch.
  size_t size() const { return batchesOf(sampler(0).size()); }

  /// The epoch of that number: the same samples in the same order whenever it is asked for.
  Epoch epoch(uint64_t number) const { return Epoch(*this, number); }

  /// The next epoch: 0 for the first loop over the loader, 1 for the second, ...
  Iterator begin() { return Iterator(*this, nextEpoch++); }
  std::default_sentinel_t end() const { return {}; }

private:
  size_t batchesOf(size_t samples) const {
    return (samples + (options.dropLast ? 0 : options.batchSize - 1)) / options.batchSize;
  }

  const D *dataset;
  Sampler sampler;
  LoaderOptions options;
  Collate collate;
  uint64_t nextEpoch = 0;
};

/// An epoch under way: its workers and the batches between them and the loop.
template <Dataset D, typename Collate>
class DataLoader<D, Collate>::Iterator {
public:
  using difference_type = std::ptrdiff_t;
  using value_type = Batch;

  Batch &operator*() const { return *state->current; }
  Batch *operator->() const { return &*state->current; }
  Iterator &operator++() {
    state->advance();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator &iterator, std::default_sentinel_t) {
    return !iterator.state->current;
  }

private:
  friend DataLoader;

  /// The samples and then the batch of every prefetch-th batch.
  struct Slot {
    std::vector<std::optional<Sample>> samples;
    std::optional<Batch> batch;
  };

  struct State {
    State(const DataLoader &loader, uint64_t epoch)
        : dataset(loader.dataset), collate(loader.collate), batchSize(loader.options.batchSize),
          indices(loader.sampler(epoch)), batchCount(loader.batchesOf(indices.size())),
          slots(std::min(loader.options.prefetch, batchCount)) {
      indices.resize(std::min(indices.size(), batchCount * batchSize));
      for (Slot &slot : slots) {
        slot.samples.resize(std::min(batchSize, indices.size()));
      }
      workers.emplace(EpochWorkers::Plan{
          .samples = indices.size(),
          .batchSize = batchSize,
          .prefetch = slots.size(),
          .workers = loader.options.workers,
          .load = [this](size_t position) { load(position); },
          .collate = [this](size_t batch) { collateBatch(batch); },
      });
      advance();
    }

    Slot &slotOf(size_t batch) { return slots[batch % slots.size()]; }

    void load(size_t position) {
      Sample sample = dataset->get(indices[position]);
      slotOf(position / batchSize).samples[position % batchSize].emplace(std::move(sample));
    }

    void collateBatch(size_t batch) {
      Slot &slot = slotOf(batch);
      size_t count = std::min(batchSize, indices.size() - batch * batchSize);
      std::vector<Sample> samples;
      samples.reserve(count);
      for (size_t i = 0; i < count; ++i) {
        samples.push_back(std::move(*slot.samples[i]));
        slot.samples[i].reset();
      }
      slot.batch.emplace(collate(std::move(samples)));
    }

    void advance() {
      current.reset();
      if (nextBatch == batchCount) {
        return;
      }
      workers->take(nextBatch);
      Slot &slot = slotOf(nextBatch++);
      current.emplace(std::move(*slot.batch));
      slot.batch.reset();
    }

    const D *dataset;
    const Collate &collate;
    size_t batchSize;
    std::vector<size_t> indices;
    size_t batchCount;
    std::vector<Slot> slots;
    size_t nextBatch = 0;
    std::optional<Batch> current;
    /// Last, so that it ends before what it works on.
    std::optional<EpochWorkers> workers;
  };

  Iterator(const DataLoader &loader, uint64_t epoch)
      : state(std::make_unique<State>(loader, epoch)) {}

  std::unique_ptr<State> state;
};

} // namespace oriel::data

#endif // ORIEL_DATA_DATALOADER_H
