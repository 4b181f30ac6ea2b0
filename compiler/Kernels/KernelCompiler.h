//===- KernelCompiler.h - From a kernel region to an object ---------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELCOMPILER_H
#define ORIEL_COMPILER_KERNELS_KERNELCOMPILER_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/BufferLayout.h"
#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Kernels/ScheduleParameters.h"
#include "llvm/Support/Error.h"

namespace oriel {

struct KernelRequest {
  KernelOp op;
  /// One for each operand and each result.
  llvm::SmallVector<BufferLayout> inputs, outputs;
  /// The symbol to define: a C identifier.
  std::string name;
  KernelTarget target;
  ScheduleParameters parameters = {};

  /// Bytes of all operands that are parameters.
  int64_t parameterBytes() const;
};

struct CompiledKernel {
  /// An ELF object that defines
  ///
  ///   int NAME(void *user_context, struct halide_buffer_t *in0, ..., struct halide_buffer_t *out0,
  ///   ...)
  ///
  /// with the buffers' dimensions as dimensionsOf says. It imports functions of
  /// compiler/Target/KernelShims.h and libm only, and is the same for the same request in a process
  /// that has compiled nothing before.
  std::string object;
  /// What a worker's scratch must hold for this kernel, with what the allocator adds.
  int64_t scratchBytes = 0;
  /// Halide's lowered statement, as text.
  std::string statement;
  /// For a device, what it compiles: OpenCL C. Part of the object.
  std::string deviceSource;
  /// The schedule in words: tile, blocks, tasks.
  std::string schedule;
  /// What it chose, in order.
  std::vector<ScheduleChoice> choices;
};

/// Compiles one kernel. The error is one line without a layer's name. An error inside Halide's LLVM
/// aborts the process, so the caller runs this in a child.
llvm::Expected<CompiledKernel> compileKernel(const KernelRequest &request);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELCOMPILER_H
