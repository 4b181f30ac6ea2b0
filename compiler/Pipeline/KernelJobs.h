//===- KernelJobs.h - All kernels of a module as objects ------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_KERNELJOBS_H
#define ORIEL_COMPILER_PIPELINE_KERNELJOBS_H

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Pipeline/KernelCache.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel {

struct NamedKernel {
  /// Its name and the layer of its first launch.
  std::string name, layer;
  /// The object defines the symbol variantSymbol(name, target).
  CompiledKernel compiled;
  /// Parameters that its schedule did not accept, as describeIgnored has them.
  std::string ignored;
};

/// The kernels of a module for one target, in order of the module.
using TargetKernels = std::vector<NamedKernel>;

struct ModuleKernels {
  /// A list for each target.
  std::vector<TargetKernels> lists;
  /// How many of them all were in the cache.
  int cachedCount = 0;
};

/// What the kernel compiler needs to know of a kernel; its symbol is `kernel` whatever its name, so
/// that an object depends on what it computes alone.
KernelRequest makeKernelRequest(exec::KernelOp kernel, const KernelTarget &target);

/// What is to be chosen in a kernel's schedule for a target.
using ScheduleSource = std::function<ScheduleParameters(exec::KernelOp, const KernelTarget &)>;

/// Leaves everything to the cost model.
ScheduleParameters chooseNothing(exec::KernelOp kernel, const KernelTarget &target);

struct KernelJobOptions {
  llvm::ArrayRef<KernelTarget> targets;
  /// Child processes at a time.
  int jobs;
  const KernelCache &cache;
  ScheduleSource schedule = chooseNothing;
  std::function<void(int done, int total)> progress = [](int, int) {};
};

/// Compiles every exec.kernel of the module for each of the targets, those that the cache lacks in
/// child processes; the cache gets them as they are made. An error names the kernel and the layer
/// of its first launch; what a failed child printed is added to `details`.
llvm::Expected<ModuleKernels> compileKernels(mlir::ModuleOp module, const KernelJobOptions &options,
                                             std::string &details);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_KERNELJOBS_H
