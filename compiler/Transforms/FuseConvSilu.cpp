//===- FuseConvSilu.cpp - What follows a convolution ----------------------===//
//
// A convolution's result goes through activation and residual addition while it is in registers.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSECONVSILUPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// silu(conv2d(x)) + r = kernel(x, r) { silu(conv2d(x)) + r }, each of the two or both, in either
// order
struct FuseConvSiluPass : impl::FuseConvSiluPassBase<FuseConvSiluPass> {
  void runOnOperation() override {
    fuseEpilogues(getOperation(), getArgument(),
                  [](Operation *op) { return isa<Conv2DOp, WinogradConv2DOp>(op); });
  }
};

} // namespace
} // namespace oriel
