//===- FuseConcat.cpp - Concatenation as a prologue -----------------------===//
//
// The sum over the channels of a concatenation is the sum over its parts.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSECONCATPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// conv2d(concat(a, b)) = kernel(a, b) { conv2d(concat(a, b)) }
struct FuseConcatPass : impl::FuseConcatPassBase<FuseConcatPass> {
  void runOnOperation() override {
    fuseIntoReaders(
        getOperation(), getArgument(), [](Operation *op) { return isa<ConcatOp>(op); },
        [](Operation *op) { return isa<Conv2DOp, WinogradConv2DOp, LinearOp>(op); });
  }
};

} // namespace
} // namespace oriel
