//===- FuseNormalizeImage.cpp - Normalisation as a prologue ---------------===//
//
// A model that takes bytes normalises them; its first convolution reads them through that.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSENORMALIZEIMAGEPASS
#include "compiler/Transforms/Passes.h.inc"

namespace {

// conv2d(normalize_image(x)) = kernel(x) { conv2d(normalize_image(x)) }
struct FuseNormalizeImagePass : impl::FuseNormalizeImagePassBase<FuseNormalizeImagePass> {
  void runOnOperation() override {
    fuseIntoReaders(
        getOperation(), getArgument(), [](Operation *op) { return isa<NormalizeImageOp>(op); },
        [](Operation *op) { return isa<Conv2DOp>(op); });
  }
};

} // namespace
} // namespace oriel
