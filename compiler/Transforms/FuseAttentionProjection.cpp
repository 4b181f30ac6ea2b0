//===- FuseAttentionProjection.cpp - Attention and what mixes its heads ---===//
//
// A window's rows stay in the cache until the linear layer behind attention has read them.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEATTENTIONPROJECTIONPASS
#include "compiler/Transforms/Passes.h.inc"

/// A kernel of attention, from the split into heads to their merge.
static bool isAttention(Operation *op) {
  auto kernel = dyn_cast<KernelOp>(op);
  return kernel && kernel->getNumResults() == 1 &&
         llvm::any_of(*kernel.getBodyBlock(), llvm::IsaPred<SoftmaxOp>) &&
         llvm::any_of(*kernel.getBodyBlock(), llvm::IsaPred<MergeHeadsOp>);
}

namespace {

// kernel(kernel(x) { P^-1(merge(attention(P(x)))) }, r) { linear(h) + r }
//   = kernel(x, r) { linear(P^-1(merge(attention(P(x))))) + r }
struct FuseAttentionProjectionPass
    : impl::FuseAttentionProjectionPassBase<FuseAttentionProjectionPass> {
  using FuseAttentionProjectionPassBase::FuseAttentionProjectionPassBase;

  void runOnOperation() override {
    fuseIntoReaders(getOperation(), {getArgument(), !always}, isAttention, isGemm);
  }
};

} // namespace
} // namespace oriel
