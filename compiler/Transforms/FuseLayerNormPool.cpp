//===- FuseLayerNormPool.cpp - Layer norm before the global average -------===//
//
// The normalised map would be read once, by a mean over its positions: it need not be stored.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSELAYERNORMPOOLPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// global_avg_pool(layer_norm(x)) = kernel(x) { global_avg_pool(layer_norm(x)) }
struct FuseLayerNormPoolPass : impl::FuseLayerNormPoolPassBase<FuseLayerNormPoolPass> {
  void runOnOperation() override {
    fuseIntoReaders(
        getOperation(), getArgument(), [](Operation *op) { return isa<LayerNormOp>(op); },
        [](Operation *op) { return isa<GlobalAvgPoolOp>(op); });
  }
};

} // namespace
} // namespace oriel
