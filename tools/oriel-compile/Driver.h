//===- Driver.h - What oriel-compile does with its command line -----------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPILE_DRIVER_H
#define ORIEL_TOOLS_ORIEL_COMPILE_DRIVER_H

#include "tools/oriel-compile/Options.h"

#include "compiler/Pipeline/Compiler.h"
#include "frontend/Weights.h"

namespace oriel {

/// One run of oriel-compile: loads the model and its weights, compiles, writes the report.
class Driver {
public:
  explicit Driver(const CommandLine &line);

  llvm::Error run();

private:
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> loadModel();
  llvm::Expected<std::unique_ptr<ParameterSource>> loadWeights(mlir::ModuleOp module);
  llvm::Expected<CompileOptions> makeOptions();
  llvm::Error compile(mlir::ModuleOp module);
  llvm::Error writeReport();

  const CommandLine &line;
  std::unique_ptr<mlir::MLIRContext> context;
  llvm::json::Object report;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPILE_DRIVER_H
