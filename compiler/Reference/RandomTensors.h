//===- RandomTensors.h - Seeded tensors for tests -------------------------===//
#ifndef ORIEL_COMPILER_REFERENCE_RANDOMTENSORS_H
#define ORIEL_COMPILER_REFERENCE_RANDOMTENSORS_H

#include "compiler/Reference/Tensor.h"

#include <cmath>
#include <random>

namespace oriel {

/// A tensor of values uniform in [low, high), multiples of (high - low) / 2^24. The same on every
/// platform: the standard defines the sequence of mt19937_64, but not that of
/// uniform_real_distribution.
inline Tensor makeRandomTensor(std::vector<int64_t> shape, uint64_t seed, float low = -1,
                               float high = 1) {
  std::mt19937_64 engine(seed);
  Tensor tensor = Tensor::zeros(shape);
  for (float &value : tensor.values) {
    double unit = static_cast<double>(engine() >> 40) / (1 << 24);
    value = static_cast<float>(low + (static_cast<double>(high) - low) * unit);
  }
  return tensor;
}

/// Pixels of all values.
inline Tensor makeRandomPixels(std::vector<int64_t> shape, uint64_t seed) {
  Tensor tensor = makeRandomTensor(std::move(shape), seed, 0, 256);
  for (float &value : tensor.values) {
    value = std::floor(value);
  }
  return tensor;
}

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_RANDOMTENSORS_H
