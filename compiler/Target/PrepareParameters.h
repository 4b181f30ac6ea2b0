//===- PrepareParameters.h - Runs @prepare --------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_PREPAREPARAMETERS_H
#define ORIEL_COMPILER_TARGET_PREPAREPARAMETERS_H

#include "compiler/Target/ParameterBlock.h"

namespace oriel {

class ParameterSource;

/// Runs `@prepare` of `module` on the values of `source` and writes each entry that it stores to
/// `writer`, which must have the layout of computeParameterLayout(module). Nothing is done without
/// a `@prepare`.
///
/// A value is computed when an entry needs it and freed after its last use, so that memory holds
/// what one entry is made of, not the model. Values are held in double: folded parameters are
/// rounded to float once. Fails with one line that names the entry and its layer.
llvm::Error prepareParameters(mlir::ModuleOp module, const ParameterSource &source,
                              ParameterBlockWriter &writer);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_PREPAREPARAMETERS_H
