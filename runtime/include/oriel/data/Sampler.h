// In which order the samples of a dataset are taken.

#ifndef ORIEL_DATA_SAMPLER_H
#define ORIEL_DATA_SAMPLER_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace oriel::data {

/// Gives the indices of the samples of one epoch, in order. A caller's own is any function that
/// gives the same indices whenever it is asked for the same epoch.
using Sampler = std::function<std::vector<size_t>(uint64_t epoch)>;

/// 0, 1, ..., size - 1.
class SequentialSampler {
public:
  explicit SequentialSampler(size_t size) : size(size) {}
  std::vector<size_t> operator()(uint64_t epoch) const;

private:
  size_t size;
};

/// A permutation of 0, 1, ..., size - 1, another one in each epoch. Fixed by `seed` and the epoch,
/// on every machine.
class RandomSampler {
public:
  RandomSampler(size_t size, uint64_t seed) : size(size), seed(seed) {}
  std::vector<size_t> operator()(uint64_t epoch) const;

private:
  size_t size;
  uint64_t seed;
};

/// The given indices.
class SubsetSampler {
public:
  explicit SubsetSampler(std::vector<size_t> indices) : indices(std::move(indices)) {}
  std::vector<size_t> operator()(uint64_t epoch) const;

private:
  std::vector<size_t> indices;
};

/// Shard `shard` of `shardCount` of what another sampler gives: its indices at positions shard,
/// shard + shardCount, shard + 2 shardCount, ... Each index is in exactly one shard, so the sizes
/// of shards may differ by one.
class ShardSampler {
public:
  /// Throws Error where not shard < shardCount.
  ShardSampler(Sampler whole, size_t shard, size_t shardCount);
  std::vector<size_t> operator()(uint64_t epoch) const;

private:
  Sampler whole;
  size_t shard;
  size_t shardCount;
};

} // namespace oriel::data

#endif // ORIEL_DATA_SAMPLER_H
