//===- FuseInputPermute.cpp - Channel order as a prologue -----------------===//
//
// The model takes images as [B, 3, H, W]; its first convolution reads them through the permutation.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEINPUTPERMUTEPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// conv2d(permute(x)) = kernel(x) { conv2d(permute(x)) }
struct FuseInputPermutePass : impl::FuseInputPermutePassBase<FuseInputPermutePass> {
  void runOnOperation() override {
    fuseIntoReaders(
        getOperation(), getArgument(), [](Operation *op) { return isa<PermuteOp>(op); },
        [](Operation *op) { return isa<Conv2DOp>(op); });
  }
};

} // namespace
} // namespace oriel
