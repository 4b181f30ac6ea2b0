//===- ScheduleParameters.cpp - What can be tuned of a schedule -----------===//

#include "compiler/Kernels/ScheduleParameters.h"

#include <algorithm>

using namespace oriel;

std::string oriel::describe(const ScheduleParameters &parameters) {
  std::string text = parameters.seed ? "seed " + std::to_string(*parameters.seed) : "";
  for (const auto &[name, value] : parameters.values) {
    text += (text.empty() ? "" : ", ") + name + "=" + std::to_string(value);
  }
  return text;
}

/// A number that depends on seed and name alone (FNV-1a), so that it does not matter in which order
/// choices are made.
static uint64_t draw(uint64_t seed, const std::string &name) {
  uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (char letter : name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  }
  // Its low bits alone are poor.
  return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15 >> 16;
}

ScheduleChoice oriel::makeScheduleChoice(const ScheduleParameters &parameters, std::string name,
                                         int64_t preferred, std::vector<int64_t> accepted) {
  accepted.push_back(preferred);
  std::sort(accepted.begin(), accepted.end());
  accepted.erase(std::unique(accepted.begin(), accepted.end()), accepted.end());
  int64_t chosen = preferred;
  auto given = parameters.values.find(name);
  if (given != parameters.values.end()) {
    bool isAccepted = std::binary_search(accepted.begin(), accepted.end(), given->second);
    chosen = isAccepted ? given->second : preferred;
  } else if (parameters.seed) {
    chosen = accepted[draw(*parameters.seed, name) % accepted.size()];
  }
  return {std::move(name), preferred, chosen, std::move(accepted)};
}

std::string oriel::describeIgnored(const ScheduleParameters &parameters,
                                   const std::vector<ScheduleChoice> &choices) {
  ScheduleParameters ignored = parameters;
  ignored.seed.reset();
  for (const ScheduleChoice &choice : choices) {
    auto given = ignored.values.find(choice.name);
    if (given != ignored.values.end() && given->second == choice.chosen) {
      ignored.values.erase(given);
    }
  }
  return describe(ignored);
}

std::vector<int64_t> oriel::divisorsOf(int64_t number) {
  std::vector<int64_t> divisors;
  for (int64_t divisor = 1; divisor <= number; ++divisor) {
    if (number % divisor == 0) {
      divisors.push_back(divisor);
    }
  }
  return divisors;
}
