//===- Difference.cpp - How far a tensor is from what it should be --------===//

#include "tools/oriel-compare/Difference.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace oriel;

const char *oriel::getName(Verdict verdict) {
  switch (verdict) {
  case Verdict::Good:
    return "ok";
  case Verdict::Unbounded:
    return "no bound";
  case Verdict::Bad:
    return "BAD";
  }
  return "";
}

/// Whether two values are not finite in the same way.
static bool areAlikeNonFinite(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (std::isinf(a) && a == b);
}

/// The error as a multiple of its bound; not a number where there is no finite bound to hold it to.
static double excessOf(double actual, double expected, double bound) {
  if (areAlikeNonFinite(actual, expected) || actual == expected) {
    return 0;
  }
  if (!std::isfinite(actual) || !std::isfinite(expected)) {
    return std::numeric_limits<double>::infinity();
  }
  return std::isfinite(bound) ? std::fabs(actual - expected) / bound
                              : std::numeric_limits<double>::quiet_NaN();
}

double oriel::relativeDistance(const Tensor &actual, const Tensor &expected) {
  double errors = 0, squares = 0;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    double error = double(actual.values[i]) - expected.values[i];
    errors += error * error;
    squares += double(expected.values[i]) * expected.values[i];
  }
  return errors == 0 ? 0 : std::sqrt(errors / squares);
}

Difference oriel::measureDifference(const Tensor &actual, const Tensor &expected,
                                    const Tensor &bound) {
  Difference result;
  double product = 0, actualSquares = 0, expectedSquares = 0;
  bool isUnbounded = false;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    double a = actual.values[i], e = expected.values[i];
    double excess = excessOf(a, e, bound.values[i]), error = std::fabs(a - e);
    isUnbounded |= std::isnan(excess);
    if (i == 0 || excess > result.excess) {
      result.worst = i;
      result.excess = std::isnan(excess) ? 0 : excess;
    }
    // Written so that not a number stays.
    result.maxAbs = error <= result.maxAbs ? result.maxAbs : error;
    product += a * e;
    actualSquares += a * a;
    expectedSquares += e * e;
  }
  result.actual = actual.values.empty() ? 0 : actual.values[result.worst];
  result.expected = actual.values.empty() ? 0 : expected.values[result.worst];
  result.bound = actual.values.empty() ? 0 : bound.values[result.worst];
  result.relative = relativeDistance(actual, expected);
  double norms = std::sqrt(actualSquares) * std::sqrt(expectedSquares);
  result.cosine = norms == 0 ? (actualSquares == expectedSquares ? 1 : 0) : product / norms;
  result.verdict = result.excess > 1 ? Verdict::Bad
                   : isUnbounded     ? Verdict::Unbounded
                                     : Verdict::Good;
  return result;
}

std::string oriel::describePosition(const Tensor &tensor, size_t element, int64_t firstItem) {
  std::vector<int64_t> indices(tensor.shape.size());
  int64_t rest = static_cast<int64_t>(element);
  for (size_t i = indices.size(); i-- > 0;) {
    indices[i] = rest % tensor.shape[i];
    rest /= tensor.shape[i];
  }
  std::string text;
  for (size_t i = 0; i < indices.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(indices[i] + (i == 0 ? firstItem : 0));
  }
  return "[" + text + "]";
}
