//===- ModuleParameters.h - The parameters that a module names ------------===//
#ifndef ORIEL_FRONTEND_MODULEPARAMETERS_H
#define ORIEL_FRONTEND_MODULEPARAMETERS_H

#include "frontend/ParameterShape.h"
#include "mlir/IR/BuiltinOps.h"

namespace oriel {

/// All `oriel.param` of the module, in the order of the text, each name and shape once.
std::vector<ParameterShape> collectParameters(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_FRONTEND_MODULEPARAMETERS_H
