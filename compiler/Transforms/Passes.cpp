//===- Passes.cpp - The order of the passes -------------------------------===//

#include "compiler/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace oriel {

std::vector<std::unique_ptr<Pass>> createFusionPasses(const FusionOptions &options) {
  std::vector<std::unique_ptr<Pass>> passes;
  auto add = [&](std::unique_ptr<Pass> pass) { passes.push_back(std::move(pass)); };

  // A frontend may bind a parameter, or make a mask, once for each use.
  add(createCSEPass());

  // Before any fusion: a folded batch norm leaves a plain convolution, and a window that has moved
  // next to attention leaves plain layers, which then fuse in the same way everywhere.
  add(createFoldBatchNormPass());
  add(createUseWinogradPass());
  add(createSinkRowPermutationsPass());
  // After sinking, a permutation of one tensor may stand there three times, for q, k and v.
  add(createCSEPass());

  // Attention first: it takes all that stands between split and merge. The table must be one op.
  add(createMergeAttentionTablesPass());
  add(createFuseAttentionPass());

  // Prologues before epilogues, so that a residual addition stays at the end of the region.
  add(createFuseInputPermutePass());
  add(createFuseNormalizeImagePass());
  add(createFuseConcatPass());
  add(createFuseLayerNormGemmPass());
  add(createFusePatchMergingPass());
  add(createFuseConvSiluPass());
  add(createFuseGemmEpiloguePass());
  add(createFuseLayerNormPoolPass());

  // Layers with their prologues and epilogues, so that the cost model sees whole kernels.
  if (!options.forDevices) {
    add(createFuseInvertedResidualPass({.always = options.always}));
  }
  add(createFuseMlpPass({.always = options.always}));
  if (!options.forDevices) {
    add(createFuseAttentionProjectionPass({.always = options.always}));
  }

  // Whatever nothing has taken.
  add(createFormKernelsPass());

  // Only kernels know which parameters are read in panels. A parameter that several kernels read is
  // packed once.
  add(createPackParametersPass());
  add(createCSEPass());
  add(createHoistParametersPass());
  return passes;
}

bool changesRounding(StringRef flag) {
  return flag == "fold-batch-norm" || flag == "merge-attention-tables" || flag == "use-winograd";
}

void buildFusionPipeline(OpPassManager &manager) {
  for (std::unique_ptr<Pass> &pass : createFusionPasses()) {
    bool onFunctions = pass->getOpName() == func::FuncOp::getOperationName();
    (onFunctions ? manager.nest<func::FuncOp>() : manager).addPass(std::move(pass));
  }
}

} // namespace oriel
