//===- Winograd.h - 3x3 convolutions by tiles of 2x2 results --------------===//
#ifndef ORIEL_COMPILER_REFERENCE_WINOGRAD_H
#define ORIEL_COMPILER_REFERENCE_WINOGRAD_H

#include "compiler/Reference/OpEvaluation.h"

namespace oriel {

/// The sums of `winograd_filter` and `winograd_conv2d` with the magnitudes of all matrices in place
/// of them: on operands without signs, the sum of the magnitudes of all that is added up.
Tensor evaluateMagnitudes(WinogradFilterOp op, Operands<WinogradFilterOp> operands);
Tensor evaluateMagnitudes(WinogradConv2DOp op, Operands<WinogradConv2DOp> operands);

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_WINOGRAD_H
