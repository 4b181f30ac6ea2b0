//===- SavedCase.h - A module with its weights and inputs as files --------===//
//
//   F.mlir          the module
//   F.safetensors   its parameters; absent where it has none
//   F.npy           its input, or F.0.npy, F.1.npy, ... where it has several
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_SAVEDCASE_H
#define ORIEL_TOOLS_ORIEL_COMPARE_SAVEDCASE_H

#include "compiler/Reference/Tensor.h"
#include "frontend/ParameterSource.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace oriel {

struct SavedCase {
  /// Paths; empty where there is no such file.
  std::string weights;
  std::vector<std::string> inputs;
};

/// What stands beside a .mlir file.
SavedCase findSavedCase(const std::string &path);

/// Writes all files of a case, `path` being that of F.mlir; those that an earlier case of the name
/// left and this one has not are removed. Inputs of pixels are written as float32.
llvm::Expected<SavedCase> writeSavedCase(const std::string &path, mlir::ModuleOp module,
                                         const ParameterSource &parameters,
                                         const std::vector<Tensor> &inputs);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_SAVEDCASE_H
