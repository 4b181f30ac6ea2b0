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
  CompiledKernel compiled;
};

/// What the kernel compiler needs to know of a kernel.
KernelRequest makeKernelRequest(exec::KernelOp kernel, const KernelTarget &target);

/// Compiles every exec.kernel of the module in `jobs` child processes, in order of the module.
/// An error names the kernel and the layer of its first launch; what a failed child printed is
/// added to `details`.
llvm::Expected<std::vector<NamedKernel>>
compileKernels(mlir::ModuleOp module, const KernelTarget &target, int jobs,
               const std::function<void(int done, int total)> &progress, std::string &details);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_KERNELJOBS_H
