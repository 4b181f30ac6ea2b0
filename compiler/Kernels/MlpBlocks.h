//===- MlpBlocks.h - The tasks of two products in one kernel --------------===//
#ifndef ORIEL_COMPILER_KERNELS_MLPBLOCKS_H
#define ORIEL_COMPILER_KERNELS_MLPBLOCKS_H

#include "compiler/Kernels/GemmTile.h"
#include "compiler/Kernels/KernelPlan.h"

namespace oriel {

/// How an MLP is cut into tasks: blocks of rows, of which the hidden activation stays in scratch.
struct MlpBlocks {
  /// Register tiles of the first and of the second product.
  GemmTile expand, project;
  /// Rows of a task's result, whole tiles of `project`.
  int rows;
  /// Rows of its hidden activation: the same in whole tiles of `expand`.
  int hiddenRows;
};

/// Channels of the rows, of the hidden activation and of the result.
struct MlpShape {
  explicit MlpShape(const KernelPlan &plan);

  int64_t inputs, hidden, outputs;
  /// Rows that are one dimension, so of an item, and rows of the whole batch.
  int64_t itemRows, rows;

  int64_t weightBytes() const;
  /// Of one row.
  int64_t hiddenBytes() const;
};

/// Blocks whose rows, hidden activation and one panel of each weight stay in half of the
/// second-level cache; smaller ones where tasks would be too few for the threads.
MlpBlocks chooseMlpBlocks(const MlpShape &shape, const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_MLPBLOCKS_H
