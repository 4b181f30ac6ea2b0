//===- PreparedRows.h - Rows that a product reads from scratch ------------===//
#ifndef ORIEL_COMPILER_KERNELS_PREPAREDROWS_H
#define ORIEL_COMPILER_KERNELS_PREPAREDROWS_H

#include "compiler/Kernels/KernelBuilder.h"

namespace oriel {

/// Rows gathered by patch_merge and rows normalised, where there are such: what a product reads in
/// place of its operand, a block at a time.
struct PreparedRows {
  std::optional<DefinedValue> gathered;
  std::optional<LayerNormStages> norm;

  bool isEmpty() const { return !gathered && !norm; }
};

/// `input`, of flat rows, with the rows beyond the last one replaced by it: blocks in scratch reach
/// farther than an arena's slack.
DefinedValue clampRows(KernelBuilder &builder, const DefinedValue &input);

/// Defines what `product` reads in place of layer_norm and patch_merge, and gives it to the builder
/// as the op's operand 0.
PreparedRows prepareRows(KernelBuilder &builder, mlir::Operation *product);

/// Computes the rows in scratch at `block`, of which there are `blockRows` if given.
void schedulePreparedRows(KernelBuilder &builder, const PreparedRows &rows,
                          const Halide::LoopLevel &block, std::optional<int> blockRows);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_PREPAREDROWS_H
