//===- Difference.h - How far a tensor is from what it should be ----------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_DIFFERENCE_H
#define ORIEL_TOOLS_ORIEL_COMPARE_DIFFERENCE_H

#include "compiler/Reference/Tensor.h"

#include <string>

namespace oriel {

/// Good: each element is within its bound. Unbounded: so are all that have a finite bound, and some
/// have none. Bad: an element is beyond its bound, or is not finite where it should be, or the
/// other way round.
enum class Verdict { Good, Unbounded, Bad };

/// "ok", "no bound", "BAD".
const char *getName(Verdict verdict);

struct Difference {
  /// Over all elements: the largest |actual - expected|, ||actual - expected|| / ||expected||, and
  /// the cosine of the angle between the two. Not a number where an element of either is not
  /// finite.
  double maxAbs = 0, relative = 0, cosine = 1;
  Verdict verdict = Verdict::Good;
  /// The element (in row-major order) with the largest error for its bound; its values and bound.
  size_t worst = 0;
  double actual = 0, expected = 0, bound = 0;
  /// |actual - expected| / bound there; infinite where one of the two is not finite.
  double excess = 0;
};

/// Compares tensors of one shape, element by element; an element that is not finite in the same way
/// in both (not a number, or the same infinity) is good.
Difference measureDifference(const Tensor &actual, const Tensor &expected, const Tensor &bound);

/// ||actual - expected|| / ||expected||; 0 where both are zero.
double relativeDistance(const Tensor &actual, const Tensor &expected);

/// The indices of an element: "[0, 3, 14, 2]". `firstItem` is added to the first.
std::string describePosition(const Tensor &tensor, size_t element, int64_t firstItem = 0);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_DIFFERENCE_H
