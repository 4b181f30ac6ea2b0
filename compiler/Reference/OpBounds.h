//===- OpBounds.h - Forward error analysis of each op ---------------------===//
#ifndef ORIEL_COMPILER_REFERENCE_OPBOUNDS_H
#define ORIEL_COMPILER_REFERENCE_OPBOUNDS_H

#include "compiler/Reference/ErrorBounds.h"

#include <optional>

namespace oriel {

/// Operands of an op with their bounds, and its value.
struct OpContext {
  mlir::Operation *op;
  llvm::ArrayRef<const BoundedTensor *> operands;
  const Tensor &value;
  Rounding rounding = Rounding::Worst;

  /// The factor of n roundings.
  double gamma(int64_t roundings) const {
    return rounding == Rounding::Worst ? gammaFactor(roundings) : typicalGammaFactor(roundings);
  }
};

/// How far a float32 evaluation of the op on operands within their bounds may be from its value, of
/// first order in the unit roundoff; nothing for an op that `evaluate` does not know.
std::optional<Tensor> boundOf(const OpContext &context);

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_OPBOUNDS_H
