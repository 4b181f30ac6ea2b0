//===- BoundedTensor.h - A tensor, and how far a kernel's may be from it --===//
#ifndef ORIEL_COMPILER_REFERENCE_BOUNDEDTENSOR_H
#define ORIEL_COMPILER_REFERENCE_BOUNDEDTENSOR_H

#include "compiler/Reference/Tensor.h"

#include <string>

namespace oriel {

/// A value and, for each element, how far a float32 kernel's may be from it.
struct BoundedTensor {
  Tensor value;
  Tensor bound;
};

/// Empty where each element of `actual` is within its bound, else a line that names the worst
/// element, its values and the bound. Not a number never is within a bound, and an infinite bound
/// (a row whose variance rounding errors swamp) is reported, too.
std::string describeMismatch(const Tensor &actual, const BoundedTensor &expected);

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_BOUNDEDTENSOR_H
