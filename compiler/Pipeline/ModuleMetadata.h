//===- ModuleMetadata.h - What a module's tables say ----------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_MODULEMETADATA_H
#define ORIEL_COMPILER_PIPELINE_MODULEMETADATA_H

#include "compiler/Target/ModuleTables.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace oriel {

/// What the exec phase knows of a module's tables: signature and preprocessing. Left to the caller:
/// variants, class names, the compiler's version. Fails, with one line, where the module's
/// preprocessing is malformed.
llvm::Expected<ModuleInfo> describeModule(mlir::ModuleOp module);

/// What it knows of a variant, the same for every target: kernels, launches and the arena. Left to
/// the caller: scratch, target, functions.
VariantInfo describeVariant(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_MODULEMETADATA_H
