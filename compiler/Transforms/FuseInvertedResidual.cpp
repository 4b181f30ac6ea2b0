//===- FuseInvertedResidual.cpp - Expand, filter and project in one kernel ===//
//
// The wide activations on both sides of a depthwise convolution stay in the cache, line by line,
// until the convolutions that read them have done so.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEINVERTEDRESIDUALPASS
#include "compiler/Transforms/Passes.h.inc"

/// The convolution of a kernel that computes it and an activation of it last; null if it is none.
static Conv2DOp getActivatedConvolution(Operation *op) {
  auto kernel = dyn_cast_if_present<KernelOp>(op);
  if (!kernel || kernel->getNumResults() != 1 ||
      !isa_and_present<SiluOp, GeluOp>(kernel.getYield().getValues()[0].getDefiningOp())) {
    return {};
  }
  auto convolutions = kernel.getBodyBlock()->getOps<Conv2DOp>();
  return convolutions.empty() ? Conv2DOp() : *convolutions.begin();
}

/// The kernel that computes what the depthwise convolution of `kernel` reads, if it expands.
static Operation *getExpansion(KernelOp kernel, Conv2DOp depthwise) {
  auto input = dyn_cast<BlockArgument>(depthwise.getInput());
  Operation *producer = input ? kernel.getInputs()[input.getArgNumber()].getDefiningOp() : nullptr;
  Conv2DOp expand = getActivatedConvolution(producer);
  return expand && expand.isPointwise() ? producer : nullptr;
}

/// A reader of the kernel's result that is a 1x1 convolution of it, or a kernel around one.
static Operation *getProjection(KernelOp kernel) {
  for (OpOperand &operand : kernel->getUses()) {
    OpOperand *use = &operand;
    auto reader = dyn_cast_if_present<Conv2DOp>(getReader(use));
    if (reader && reader.isPointwise() && use->getOperandNumber() == 0) {
      return operand.getOwner();
    }
  }
  return nullptr;
}

namespace {

// kernel(kernel(kernel(x) { silu(conv(x)) }) { silu(depthwise(e)) }) { conv(f) }
//   = kernel(x) { conv(silu(depthwise(silu(conv(x))))) }
struct FuseInvertedResidualPass : impl::FuseInvertedResidualPassBase<FuseInvertedResidualPass> {
  using FuseInvertedResidualPassBase::FuseInvertedResidualPassBase;

  void runOnOperation() override {
    SmallVector<KernelOp> filters;
    for (auto kernel : getOperation().getOps<KernelOp>()) {
      Conv2DOp convolution = getActivatedConvolution(kernel);
      if (convolution && convolution.isDepthwise()) {
        filters.push_back(kernel);
      }
    }
    IRRewriter rewriter(&getContext());
    for (KernelOp filter : filters) {
      Operation *expand = getExpansion(filter, getActivatedConvolution(filter));
      Operation *project = getProjection(filter);
      if (expand && project) {
        (void)fuse(rewriter, {expand, filter, project}, {getArgument(), !always});
      }
    }
  }
};

} // namespace
} // namespace oriel
