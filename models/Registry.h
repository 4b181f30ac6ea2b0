//===- Registry.h - The models of the zoo ---------------------------------===//
#ifndef ORIEL_MODELS_REGISTRY_H
#define ORIEL_MODELS_REGISTRY_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace oriel {

struct ZooModel {
  llvm::StringRef name;
  /// One line: what it is, its input and its parameters.
  llvm::StringRef description;
};

/// All models, in the order in which they are to be listed.
llvm::ArrayRef<ZooModel> getZooModels();

struct ModelOptions {
  int64_t batch = 1;
  /// "key=value", applied in order.
  std::vector<std::string> settings;
};

inline constexpr int64_t maxBatch = 4096;

/// Builds a model's graph: `func.func @main(tensor<Bx3xHxWxf32>) -> tensor<Bxclassesxf32>` with the
/// attributes `oriel.model` (the zoo's name) and `oriel.preprocessing` (frontend/Preprocessing.h)
/// on the module. Fails, with one line, for an unknown name (suggesting the nearest), a setting
/// that the model does not have or that is out of range, and sizes that do not fit together.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildModel(mlir::MLIRContext &context, llvm::StringRef name, const ModelOptions &options = {});

} // namespace oriel

#endif // ORIEL_MODELS_REGISTRY_H
