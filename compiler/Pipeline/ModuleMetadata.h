//===- ModuleMetadata.h - What a module's tables say ----------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_MODULEMETADATA_H
#define ORIEL_COMPILER_PIPELINE_MODULEMETADATA_H

#include "compiler/Target/ModuleTables.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace oriel {

/// Everything of the tables that the exec phase knows: signature, preprocessing, kernels, launches
/// and the arena. Left to the caller: scratch, target, functions, class names. Fails, with one
/// line, where the module's preprocessing is malformed.
llvm::Expected<ModuleInfo> describeModule(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_MODULEMETADATA_H
