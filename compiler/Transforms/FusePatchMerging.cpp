//===- FusePatchMerging.cpp - Patch merging as a prologue -----------------===//
//
// A row of the merged map is four rows of the map: the reduction gathers them as it reads.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEPATCHMERGINGPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// linear([layer_norm](patch_merge(x))) = kernel(x) { linear([layer_norm](patch_merge(x))) }
struct FusePatchMergingPass : impl::FusePatchMergingPassBase<FusePatchMergingPass> {
  void runOnOperation() override {
    fuseIntoReaders(
        getOperation(), getArgument(), [](Operation *op) { return isa<PatchMergeOp>(op); },
        [](Operation *op) { return isGemm(op) || isa<LayerNormOp>(op); });
  }
};

} // namespace
} // namespace oriel
