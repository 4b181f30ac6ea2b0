//===- ModuleParameters.cpp - The parameters that a module names ----------===//

#include "frontend/ModuleParameters.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "llvm/ADT/DenseSet.h"

namespace oriel {

std::vector<ParameterShape> collectParameters(mlir::ModuleOp module) {
  std::vector<ParameterShape> parameters;
  llvm::DenseSet<std::pair<mlir::Attribute, mlir::Type>> seen;
  module.walk([&](ParamOp op) {
    if (seen.insert({op.getNameAttr(), op.getType()}).second) {
      parameters.push_back({op.getName().str(), shapeOf(op).vec()});
    }
  });
  return parameters;
}

} // namespace oriel
