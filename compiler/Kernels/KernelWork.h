//===- KernelWork.h - What a kernel has to do at least --------------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELWORK_H
#define ORIEL_COMPILER_KERNELS_KERNELWORK_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/BufferLayout.h"

namespace oriel {

/// Work of one run of a kernel, for the batch of its types: what no schedule can avoid. Padding,
/// halos and what a schedule computes twice are not in it.
struct KernelWork {
  /// Of the ops with WorkOpInterface; a multiply-add counts as two.
  int64_t flops = 0;
  /// Elements of the results of softmax (e^x, each), silu (e^x and a division) and gelu (an erf).
  int64_t exponentials = 0, silus = 0, gelus = 0;
  /// Bytes of the activations and of the parameters that are read, each once, and of the results.
  int64_t activationBytes = 0, parameterBytes = 0, resultBytes = 0;

  int64_t readBytes() const { return activationBytes + parameterBytes; }
  int64_t bytes() const { return readBytes() + resultBytes; }
};

/// Counts the work of a region. `inputs` and `outputs` are the layouts of its operands and results,
/// which say what is a parameter, and what an element takes.
KernelWork countWork(KernelOp kernel, llvm::ArrayRef<BufferLayout> inputs,
                     llvm::ArrayRef<BufferLayout> outputs);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELWORK_H
