//===- FuseMlp.cpp - Two linear layers with an activation between them ----===//
//
// The activation of a block of rows stays in the cache until the second layer has read it.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEMLPPASS
#include "compiler/Transforms/Passes.h.inc"

/// A kernel of a linear layer or 1x1 convolution that ends with an activation.
static bool isHiddenLayer(Operation *op) {
  auto kernel = dyn_cast<KernelOp>(op);
  return kernel && kernel->getNumResults() == 1 &&
         isa_and_present<SiluOp, GeluOp>(kernel.getYield().getValues()[0].getDefiningOp()) &&
         llvm::any_of(*kernel.getBodyBlock(), [](Operation &inner) { return isGemm(&inner); });
}

namespace {

// kernel(kernel(x) { gelu(linear(x)) }) { linear(h) } = kernel(x) { linear(gelu(linear(x))) }
struct FuseMlpPass : impl::FuseMlpPassBase<FuseMlpPass> {
  using FuseMlpPassBase::FuseMlpPassBase;

  void runOnOperation() override {
    fuseIntoReaders(getOperation(), {getArgument(), !always}, isHiddenLayer, isGemm);
  }
};

} // namespace
} // namespace oriel
