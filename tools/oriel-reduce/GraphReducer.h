//===- GraphReducer.h - A smaller graph that is still interesting ---------===//
#ifndef ORIEL_TOOLS_ORIEL_REDUCE_GRAPHREDUCER_H
#define ORIEL_TOOLS_ORIEL_REDUCE_GRAPHREDUCER_H

#include "mlir/IR/BuiltinOps.h"

namespace oriel {

/// Makes a module of phase graph or fused smaller as long as it is interesting, which it is at
/// first: lets @main end earlier, replaces what is computed, in kernels too, by parameters or by
/// what it is computed from, and drops inputs that nobody reads. Each step is a valid module.
void reduceGraph(mlir::ModuleOp module, llvm::function_ref<bool(mlir::ModuleOp)> isInteresting);

/// Erases what nobody reads: ops, operands of kernels, what @prepare stores.
void removeUnused(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_REDUCE_GRAPHREDUCER_H
