//===- KernelJobs.h - All kernels of a module as objects ------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_KERNELJOBS_H
#define ORIEL_COMPILER_PIPELINE_KERNELJOBS_H

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Kernels/KernelTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel {

struct NamedKernel {
  std::string name;
  /// The object defines the symbol variantSymbol(name, target).
  CompiledKernel compiled;
};

/// The kernels of a module for one target, in order of the module.
using TargetKernels = std::vector<NamedKernel>;

/// What the kernel compiler needs to know of a kernel; its symbol is `kernel` whatever its name, so
/// that an object depends on what it computes alone.
KernelRequest makeKernelRequest(exec::KernelOp kernel, const KernelTarget &target);

/// Compiles every exec.kernel of the module for each of the targets in `jobs` child processes.
/// Returns a list for each target. An error names the kernel and the layer of its first launch;
/// what a failed child printed is added to `details`.
llvm::Expected<std::vector<TargetKernels>>
compileKernels(mlir::ModuleOp module, llvm::ArrayRef<KernelTarget> targets, int jobs,
               const std::function<void(int done, int total)> &progress, std::string &details);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_KERNELJOBS_H
