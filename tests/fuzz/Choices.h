//===- Choices.h - The decisions of a generator, to replay and to shrink --===//
//
// A generator takes every decision from here as a number below some count, 0 the simplest. The
// numbers taken are what it made: replayed they give the same, with some of them left out or
// smaller they give something smaller, and valid as all that it makes.
//
// Source: MacIver and Donaldson, Test-Case Reduction via Test-Case Generation: Insights from the
// Hypothesis Reducer (ECOOP 2020).
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TESTS_FUZZ_CHOICES_H
#define ORIEL_TESTS_FUZZ_CHOICES_H

#include "llvm/ADT/ArrayRef.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace oriel::fuzz {

/// Numbers that were taken, and where each of the parts begins that can be left out.
struct ChoiceSequence {
  std::vector<uint32_t> numbers;
  std::vector<size_t> partBegins;
};

class Choices {
public:
  /// Draws at random, the same on every platform.
  explicit Choices(uint64_t seed) : engine(seed), replaying(false) {}
  /// Replays; behind the end every number is 0.
  explicit Choices(std::vector<uint32_t> numbers) : replay(std::move(numbers)), replaying(true) {}

  /// A number in [0, count), count at least 1. A replayed number that is too large counts as the
  /// largest.
  int64_t below(int64_t count);

  /// True in one of `count` cases; false is the simpler.
  bool oneIn(int64_t count) { return below(count) == count - 1; }

  /// One of the values, the simplest of which stand first.
  template <typename T>
  T pick(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<int64_t>(values.size()))];
  }
  template <typename T>
  T pick(llvm::ArrayRef<T> values) {
    return values[static_cast<size_t>(below(static_cast<int64_t>(values.size())))];
  }

  /// What is drawn from here to the next call can be left out together.
  void beginPart() { taken.partBegins.push_back(taken.numbers.size()); }

  const ChoiceSequence &getTaken() const { return taken; }

private:
  std::mt19937_64 engine;
  std::vector<uint32_t> replay;
  bool replaying;
  ChoiceSequence taken;
};

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_CHOICES_H
