#include "oriel/data/Sampler.h"

#include "oriel/data/Error.h"

#include <numeric>
#include <random>
#include <string>

using namespace oriel::data;

std::vector<size_t> SequentialSampler::operator()(uint64_t) const {
  std::vector<size_t> indices(size);
  std::iota(indices.begin(), indices.end(), size_t(0));
  return indices;
}

/// Uniform in [0, bound): values of the last, incomplete run of `bound` are drawn again.
/// (std::uniform_int_distribution and std::shuffle differ from one standard library to another.)
static uint64_t drawBelow(uint64_t bound, std::mt19937_64 &generator) {
  uint64_t incomplete = (0 - bound) % bound;
  for (;;) {
    uint64_t value = generator();
    if (value >= incomplete) {
      return value % bound;
    }
  }
}

// Fisher and Yates' shuffle (Knuth, The Art of Computer Programming, vol. 2, algorithm P).
std::vector<size_t> RandomSampler::operator()(uint64_t epoch) const {
  std::seed_seq sequence = {uint32_t(seed), uint32_t(seed >> 32), uint32_t(epoch),
                            uint32_t(epoch >> 32)};
  std::mt19937_64 generator(sequence);
  std::vector<size_t> indices = SequentialSampler(size)(epoch);
  for (size_t i = size; i > 1; --i) {
    std::swap(indices[i - 1], indices[drawBelow(i, generator)]);
  }
  return indices;
}

std::vector<size_t> SubsetSampler::operator()(uint64_t) const { return indices; }

ShardSampler::ShardSampler(Sampler whole, size_t shard, size_t shardCount)
    : whole(std::move(whole)), shard(shard), shardCount(shardCount) {
  if (shard >= shardCount) {
    throw Error("there is no shard " + std::to_string(shard) + " of " + std::to_string(shardCount) +
                ": count from 0");
  }
}

std::vector<size_t> ShardSampler::operator()(uint64_t epoch) const {
  std::vector<size_t> indices = whole(epoch), kept;
  kept.reserve(indices.size() / shardCount + 1);
  for (size_t position = shard; position < indices.size(); position += shardCount) {
    kept.push_back(indices[position]);
  }
  return kept;
}
