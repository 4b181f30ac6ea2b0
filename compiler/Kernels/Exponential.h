//===- Exponential.h - The exponential function in vectors ----------------===//
#ifndef ORIEL_COMPILER_KERNELS_EXPONENTIAL_H
#define ORIEL_COMPILER_KERNELS_EXPONENTIAL_H

#include "Halide.h"

namespace oriel {

/// e^x of float32 in 14 vector instructions, half of what Halide::exp takes; arguments are clamped
/// to [-87, 88], where the result is a normal number. Relative error below 4 units in the last
/// place, below 1.5 for |x| < 20.
Halide::Expr exponential(const Halide::Expr &x);

/// The same of an x that is never positive, as a score less its row's maximum, so that nothing is
/// clamped from above.
Halide::Expr exponentialOfNonPositive(const Halide::Expr &x);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_EXPONENTIAL_H
