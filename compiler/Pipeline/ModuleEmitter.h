//===- ModuleEmitter.h - From the exec phase to the shared library --------===//
#ifndef ORIEL_COMPILER_PIPELINE_MODULEEMITTER_H
#define ORIEL_COMPILER_PIPELINE_MODULEEMITTER_H

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/KernelJobs.h"
#include "compiler/Target/ModuleTables.h"

namespace oriel {

/// Makes kernel objects, orchestration and parameter block, and joins them.
class ModuleEmitter {
public:
  ModuleEmitter(const CompileOptions &options, const CompileProgress &progress, IRDump &dump,
                llvm::json::Object &report);

  /// Writes options.output from a module of phase exec; for phase llvm its LLVM IR.
  /// `parameters` may be null for phase llvm.
  llvm::Error run(mlir::ModuleOp module, const ParameterSource *parameters);

private:
  llvm::Expected<std::vector<TargetKernels>> makeKernels(mlir::ModuleOp module);
  llvm::Expected<ModuleInfo> describe(mlir::ModuleOp module, llvm::ArrayRef<TargetKernels> kernels);
  llvm::Expected<std::string> makeOrchestration(mlir::ModuleOp module, const ModuleInfo &info,
                                                std::string &ir);
  llvm::Error writeModule(mlir::ModuleOp module, const ParameterSource &parameters,
                          const ModuleInfo &info, llvm::StringRef orchestration,
                          llvm::ArrayRef<TargetKernels> kernels);
  void reportKernels(llvm::ArrayRef<TargetKernels> kernels, const ModuleInfo &info);

  const CompileOptions &options;
  /// options.targets in the order of the module's variants.
  std::vector<KernelTarget> targets;
  const CompileProgress &progress;
  IRDump &dump;
  llvm::json::Object &report;
};

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_MODULEEMITTER_H
