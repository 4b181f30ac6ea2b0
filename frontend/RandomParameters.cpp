//===- RandomParameters.cpp - Seeded random parameters --------------------===//

#include "frontend/RandomParameters.h"

#include <cmath>

using llvm::StringRef;

namespace oriel {

namespace {

/// SplitMix64. Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators
/// (2014), figure 17.
class SplitMix64 {
public:
  explicit SplitMix64(uint64_t state) : state(state) {}

  uint64_t next() {
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

private:
  uint64_t state;
};

/// Draws whose every rounding IEEE 754 defines, so that no library and no contraction to fused
/// multiply-add changes a bit.
class Draws {
public:
  Draws(uint64_t seed, StringRef name) : random(seed ^ SplitMix64(hash(name)).next()) {}

  double uniform(double low, double high) {
    return std::fma(high - low, static_cast<double>(random.next() >> 11) * 0x1p-53, low);
  }

  /// The sum of twelve uniform numbers of variance 1/12 (Irwin-Hall): normal enough, and exact.
  double normal(double deviation) {
    int64_t sum = 0;
    for (int word = 0; word < 3; ++word) {
      uint64_t bits = random.next();
      for (int part = 0; part < 4; ++part) {
        sum += static_cast<int64_t>((bits >> (16 * part)) & 0xffff);
      }
    }
    constexpr int64_t mean = 6 * 0xffff;
    return static_cast<double>(sum - mean) * 0x1p-16 * deviation;
  }

private:
  /// FNV-1a.
  static uint64_t hash(StringRef name) {
    uint64_t value = 0xcbf29ce484222325;
    for (char character : name) {
      value = (value ^ static_cast<uint8_t>(character)) * 0x100000001b3;
    }
    return value;
  }

  SplitMix64 random;
};

} // namespace

RandomParameters::RandomParameters(uint64_t seed, llvm::ArrayRef<ParameterShape> parameters)
    : seed(seed) {
  for (const ParameterShape &parameter : parameters) {
    shapes[parameter.name] = parameter.shape;
  }
}

std::optional<std::vector<int64_t>> RandomParameters::lookup(std::string_view name) const {
  auto shape = shapes.find(name);
  return shape == shapes.end() ? std::nullopt : std::optional(shape->second);
}

/// He's gain for rectifiers, sqrt(2), over the mean gain of a batch norm with these variances,
/// E[1/v] = ln 3. SiLU halves large activations' power as a rectifier does.
/// Source: He et al., Delving Deep into Rectifiers (2015), section 2.2.
static constexpr double filterGain = 1.349251;

/// Draws one value of the kind that the parameter's name and shape tell.
static double draw(Draws &draws, StringRef name, llvm::ArrayRef<int64_t> shape) {
  if (name.ends_with("running_var")) {
    return draws.uniform(0.5, 1.5);
  }
  if (name.ends_with("running_mean")) {
    return draws.normal(0.1);
  }
  if (name.ends_with("relative_position_bias_table")) {
    return draws.normal(0.5);
  }
  if (shape.size() < 2) {
    return name.ends_with("bias") ? draws.normal(0.02) : draws.uniform(0.8, 1.2);
  }
  double fanIn = 1;
  for (int64_t size : shape.drop_front()) {
    fanIn *= static_cast<double>(size);
  }
  return draws.normal((shape.size() == 4 ? filterGain : 1) / std::sqrt(fanIn));
}

llvm::Error RandomParameters::read(std::string_view name, float *values) const {
  auto shape = shapes.find(name);
  if (shape == shapes.end()) {
    return llvm::createStringError("no parameter '" + formatParameterName(name) + "'");
  }
  int64_t count = 1;
  for (int64_t size : shape->second) {
    count *= size;
  }
  Draws draws(seed, name);
  for (int64_t index = 0; index < count; ++index) {
    values[index] = static_cast<float>(draw(draws, name, shape->second));
  }
  return llvm::Error::success();
}

} // namespace oriel
