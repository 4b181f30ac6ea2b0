//===- FuseLayerNormGemm.cpp - Layer norm as a prologue -------------------===//
//
// A block of rows is normalised once, as the matrix product reads it; the normalised tensor is
// never stored.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSELAYERNORMGEMMPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// linear(layer_norm(x)) = kernel(x) { linear(layer_norm(x)) }, linear or a 1x1 convolution
struct FuseLayerNormGemmPass : impl::FuseLayerNormGemmPassBase<FuseLayerNormGemmPass> {
  void runOnOperation() override {
    fuseIntoReaders(
        getOperation(), getArgument(), [](Operation *op) { return isa<LayerNormOp>(op); }, isGemm);
  }
};

} // namespace
} // namespace oriel
