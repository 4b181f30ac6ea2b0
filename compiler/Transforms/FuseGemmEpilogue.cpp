//===- FuseGemmEpilogue.cpp - What follows a linear layer -----------------===//
//
// A linear layer's result goes through activation and residual addition while it is in registers.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEGEMMEPILOGUEPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// gelu(linear(x)) + r = kernel(x, r) { gelu(linear(x)) + r }, each of the two or both, in either
// order
struct FuseGemmEpiloguePass : impl::FuseGemmEpiloguePassBase<FuseGemmEpiloguePass> {
  void runOnOperation() override {
    fuseEpilogues(getOperation(), getArgument(), [](Operation *op) { return isa<LinearOp>(op); });
  }
};

} // namespace
} // namespace oriel
