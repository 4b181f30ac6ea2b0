//===- Reduction.h - The smallest file that shows a bad layer -------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_REDUCTION_H
#define ORIEL_TOOLS_ORIEL_COMPARE_REDUCTION_H

#include "tools/oriel-compare/CompiledCase.h"
#include "tools/oriel-compare/SavedCase.h"

namespace oriel {

/// A launch that is to be shown alone.
struct BadLaunch {
  /// In the program.
  size_t position;
  ProgramLaunch launch;
  /// What it read of each input that is no parameter, each buffer once, in order.
  std::vector<Tensor> inputs;
};

/// Takes note of a launch and of what the module had stored for it.
BadLaunch captureLaunch(const LaunchProgram &program, size_t position, const Activations &stored);

/// The launch alone (compiler/Pipeline/ExtractKernel.h), with a copy before or behind the kernel
/// for each buffer that lies in the arena, so that it has the same layout. `execModule` is the
/// launch's.
mlir::OwningOpRef<mlir::ModuleOp> isolateLaunch(mlir::ModuleOp execModule, const BadLaunch &bad);

/// Writes the smallest case in which the launch's layer is still the first bad one. Throws
/// ToolError, also where the launch is good when it is alone.
SavedCase reduceLaunch(const std::string &path, mlir::ModuleOp execModule, const BadLaunch &bad,
                       const ParameterSource &parameters, const CaseOptions &options);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_REDUCTION_H
