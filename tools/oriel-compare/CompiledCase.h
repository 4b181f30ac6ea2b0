//===- CompiledCase.h - A model compiled, to run and to interpret ---------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_COMPILEDCASE_H
#define ORIEL_TOOLS_ORIEL_COMPARE_COMPILEDCASE_H

#include "tools/oriel-compare/LaunchProgram.h"

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "tools/support/ScratchFolder.h"
#include "tools/support/Tool.h"

#include "mlir/IR/OwningOpRef.h"

#include <optional>

namespace oriel {

/// The value of an Expected; throws ToolError with the first line of its error.
template <typename Value>
Value unwrap(llvm::Expected<Value> expected) {
  if (!expected) {
    throw ToolError(firstLine(toString(expected.takeError())));
  }
  return std::move(*expected);
}
void check(llvm::Error error);

struct CompiledCase {
  /// Of phase exec.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// The shared library.
  std::string path;
  /// Of `module`.
  std::optional<LaunchProgram> program;
};

struct CaseOptions {
  /// Targets and the like; output and phase are set here.
  CompileOptions compile;
  /// The name of a kernel that is to compute something wrong (compiler/Conversion/KernelEntry.h);
  /// "" for none.
  std::string perturbedKernel;
};

/// Takes a module of phase graph or fused to phase exec, with what else the options ask for. Throws
/// ToolError.
void lowerCase(mlir::ModuleOp module, const CaseOptions &options);

/// Compiles a module that lowerCase has lowered into a file of `folder`. Throws ToolError.
CompiledCase compileCase(mlir::OwningOpRef<mlir::ModuleOp> module,
                         const ParameterSource &parameters, const CaseOptions &options,
                         const ScratchFolder &folder);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_COMPILEDCASE_H
