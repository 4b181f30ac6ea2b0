//===- ErrorBounds.h - How far float32 kernels may be from the interpreter ===//
//
// Forward error analysis of a block: next to each value the interpreter
// computes a bound of |kernel - interpreter|, element by element, from the
// operands' bounds and the op's arithmetic. So a test's tolerance follows from
// shapes and values, never from what a kernel happens to reach.
//
// The kernel computes in float32 with unit roundoff u = 2^-24, sums in any
// order and with or without fused multiply-add. Source: N. J. Higham, Accuracy
// and Stability of Numerical Algorithms, 2nd edition (2002), sections 2.2, 3.1
// (lemma 3.1, equation 3.5) and 3.3. Bounds are of first order in u, times
// 1 + 2^-10 for the rest.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_REFERENCE_ERRORBOUNDS_H
#define ORIEL_COMPILER_REFERENCE_ERRORBOUNDS_H

#include "compiler/Reference/BoundedTensor.h"
#include "frontend/ParameterSource.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/LogicalResult.h"

#include <cmath>
#include <string>

namespace oriel {

/// Unit roundoff of float32.
inline constexpr double unitRoundoff = 0x1p-24;

/// Below this a kernel may flush to zero.
inline constexpr double smallestNormal = 0x1p-126;

/// Higham's gamma_n = n u / (1 - n u): n roundings change a product or a sum of absolute values by
/// no more than this factor, whatever their order. A dot product of K terms: |error| <= gamma_K *
/// sum_k |a_k| |b_k|.
inline constexpr double gammaFactor(int64_t roundings) {
  double product = roundings * unitRoundoff;
  return product / (1 - product);
}

/// Where roundings are taken for independent and zero in the mean: the standard deviation of what n
/// of them do is sqrt(n) u times the sum of absolute values at most. Source: N. J. Higham and T.
/// Mary, A new approach to probabilistic rounding error analysis (2019), theorem 2.4.
inline double typicalGammaFactor(int64_t roundings) {
  return std::sqrt(static_cast<double>(roundings)) * unitRoundoff;
}

/// What a bound is of: any float32 evaluation, or the standard deviation over all.
enum class Rounding { Worst, Typical };

/// Runs a block, such as a kernel's body, on exact arguments; returns the operands of its
/// terminator. The block may contain nested kernels, but neither `oriel.param` nor
/// `oriel.prepared`: pass parameters as arguments.
llvm::FailureOr<std::vector<BoundedTensor>> interpretWithBounds(mlir::Block &block,
                                                                llvm::ArrayRef<Tensor> arguments);

/// The same on arguments that are within their bounds, which the results' bounds take into account.
llvm::FailureOr<std::vector<BoundedTensor>>
interpretWithBounds(mlir::Block &block, std::vector<BoundedTensor> arguments,
                    Rounding rounding = Rounding::Worst);

/// Runs `@prepare`: the entries of the parameter block by name, before packing, with what float32
/// arithmetic may make of them.
llvm::FailureOr<llvm::StringMap<BoundedTensor>>
interpretPrepareWithBounds(mlir::func::FuncOp prepare, const ParameterSource &parameters);

/// Runs a function as `interpret` does. Parameters of `parameters` are exact; what is computed from
/// them, in `@prepare` or beside, is not.
llvm::FailureOr<std::vector<BoundedTensor>> interpretWithBounds(mlir::func::FuncOp function,
                                                                llvm::ArrayRef<Tensor> arguments,
                                                                const ParameterSource &parameters);

/// Each element as memory of float16 holds it (runtime/format/Float16.h).
Tensor roundToFloat16(Tensor tensor);

/// What memory of float16 holds of a float32 kernel's value: the rounded value, and its distance
/// from what the ends of the bound are rounded to. Rounding never changes an order, so what lies
/// between the ends lies there rounded, too. (It is 2^-11 |value| more than the bound at most, and
/// 2^-25 where float16 is subnormal, mostly 0.)
BoundedTensor roundToFloat16(BoundedTensor tensor);

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_ERRORBOUNDS_H
