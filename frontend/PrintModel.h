//===- PrintModel.h - A model as a tree of layers -------------------------===//
#ifndef ORIEL_FRONTEND_PRINTMODEL_H
#define ORIEL_FRONTEND_PRINTMODEL_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace oriel {

/// Elements of the module's trained parameters: all `oriel.param` but the statistics of batch
/// norms, each name once; what PyTorch counts as parameters.
int64_t countParameters(mlir::ModuleOp module);

/// Prints the layers of a module of phase "graph" or "fused" as PyTorch's print(model) does: a tree
/// of the dotted layer names, in it each op with the shapes of its parameters, its attributes and
/// the shape of its result, and the parameters of each layer and of the model. Needs no weights.
void printModel(mlir::ModuleOp module, llvm::raw_ostream &os);

} // namespace oriel

#endif // ORIEL_FRONTEND_PRINTMODEL_H
