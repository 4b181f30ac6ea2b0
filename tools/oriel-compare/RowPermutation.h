//===- RowPermutation.h - Two tensors with the same rows ------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_ROWPERMUTATION_H
#define ORIEL_TOOLS_ORIEL_COMPARE_ROWPERMUTATION_H

#include "compiler/Reference/Tensor.h"

#include <optional>

namespace oriel {

/// Two values closer than this, relative to their norms, are taken for the same one, computed in
/// two ways: far above what rounding does in double sums, far below what any layer does.
inline constexpr double sameValueDistance = 0x1p-12;

/// The rows (last dimension) of `to` in the order of `from`: row i of `from` is row result[i] of
/// `to`, but for rounding. Nothing where no order makes the tensors the same value.
std::optional<std::vector<int64_t>> findRowPermutation(const Tensor &from, const Tensor &to);

/// The tensor with the shape of `like` whose row i is row order[i] of `tensor`.
Tensor permuteRows(const Tensor &tensor, const std::vector<int64_t> &order, const Tensor &like);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_ROWPERMUTATION_H
