//===- KernelWork.cpp - What a kernel has to do at least ------------------===//

#include "compiler/Kernels/KernelWork.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace oriel;

static int64_t elementsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

KernelWork oriel::countWork(KernelOp kernel, ArrayRef<BufferLayout> inputs,
                            ArrayRef<BufferLayout> outputs) {
  KernelWork work;
  for (Operation &op : kernel.getBodyBlock()->without_terminator()) {
    if (auto product = dyn_cast<WorkOpInterface>(op)) {
      work.flops += product.getFlops();
    } else if (isa<SoftmaxOp>(op)) {
      work.exponentials += elementsOf(op.getResult(0));
    } else if (isa<SiluOp>(op)) {
      work.silus += elementsOf(op.getResult(0));
    } else if (isa<GeluOp>(op)) {
      work.gelus += elementsOf(op.getResult(0));
    }
  }
  for (auto [input, layout] : llvm::zip_equal(kernel.getInputs(), inputs)) {
    (layout.isParameter ? work.parameterBytes : work.activationBytes) +=
        elementsOf(input) * layout.elementBytes();
  }
  for (auto [result, layout] : llvm::zip_equal(kernel.getResults(), outputs)) {
    work.resultBytes += elementsOf(result) * layout.elementBytes();
  }
  return work;
}
