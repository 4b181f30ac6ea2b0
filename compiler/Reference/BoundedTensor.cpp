//===- BoundedTensor.cpp - A tensor, and how far a kernel's may be from it ===//

#include "compiler/Reference/BoundedTensor.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace oriel;

std::string oriel::describeMismatch(const Tensor &actual, const BoundedTensor &expected) {
  if (actual.shape != expected.value.shape) {
    return "shapes differ";
  }
  std::string text;
  double worst = 1;
  for (size_t i = 0; i < actual.values.size(); ++i) {
    double bound = expected.bound.values[i];
    if (!std::isfinite(bound)) {
      return llvm::formatv("element {0} has no finite bound", i);
    }
    double difference = std::fabs(double(actual.values[i]) - expected.value.values[i]);
    double excess = difference == 0 ? 0 : difference / bound;
    // Written so that not a number counts.
    if (!(excess <= worst)) {
      worst = excess;
      text = llvm::formatv("element {0} is {1:e9}, expected {2:e9} within {3:e2}", i,
                           actual.values[i], expected.value.values[i], bound);
    }
  }
  return text;
}
