//===- ExtractKernel.h - One kernel as a module of its own ----------------===//
#ifndef ORIEL_COMPILER_PIPELINE_EXTRACTKERNEL_H
#define ORIEL_COMPILER_PIPELINE_EXTRACTKERNEL_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace oriel {

/// A module of phase fused that computes what one launch of `module`, of phase exec, does:
///
///   func @prepare    what of the module's @prepare the launch reads, its oriel.param included
///   func @main       one oriel.kernel; arguments are the activations that the launch reads, each
///                    once, results what it stores, all at the module's batch
///
/// Locations are the launch's layers. The launch is the `position`th of the program.
mlir::OwningOpRef<mlir::ModuleOp> extractLaunch(mlir::ModuleOp module, size_t position);

/// The same, where `name` is a kernel, of which the first launch is taken, or a layer (findLaunch).
/// Fails, with one line that names close ones, where there is none.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> extractKernel(mlir::ModuleOp module,
                                                                llvm::StringRef name);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_EXTRACTKERNEL_H
