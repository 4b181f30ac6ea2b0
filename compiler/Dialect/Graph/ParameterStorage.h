//===- ParameterStorage.h - How parameters lie in memory ------------------===//
//
// The one definition that the writer of the parameter block, the kernels and the lowering share.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_DIALECT_GRAPH_PARAMETERSTORAGE_H
#define ORIEL_COMPILER_DIALECT_GRAPH_PARAMETERSTORAGE_H

#include "mlir/IR/BuiltinTypes.h"

namespace oriel {

/// Extents of the dense, row-major storage of a parameter, outermost first: what the table of
/// `#oriel.panels` says, or, for a type without encoding, its shape with the last dimension rounded
/// up to whole panels (a scalar takes one panel). Elements outside of the parameter are zero.
llvm::SmallVector<int64_t> getStorageShape(mlir::RankedTensorType parameter);

/// Number of stored elements, the padding included.
int64_t getStorageSize(mlir::RankedTensorType parameter);

} // namespace oriel

#endif // ORIEL_COMPILER_DIALECT_GRAPH_PARAMETERSTORAGE_H
