//===- Passes.h - From the graph to fused kernels -------------------------===//
#ifndef ORIEL_COMPILER_TRANSFORMS_PASSES_H
#define ORIEL_COMPILER_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace oriel {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/Transforms/Passes.h.inc"

struct FusionOptions {
  /// Without fusions that only processors have kernels for.
  bool forDevices = false;
  /// With those that the cost model expects to be slower.
  bool always = false;
};

/// The passes from phase "graph" to phase "fused", in order. Each runs on the module or on its
/// functions, as Pass::getOpName says.
std::vector<std::unique_ptr<mlir::Pass>> createFusionPasses(const FusionOptions &options = {});

/// Whether the pass of a flag computes the same numbers in another order. The interpreter rounds
/// after each op, so after any other pass its results are the same to the last bit.
bool changesRounding(llvm::StringRef flag);

/// Adds createFusionPasses() to a pass manager of modules.
void buildFusionPipeline(mlir::OpPassManager &manager);

} // namespace oriel

#endif // ORIEL_COMPILER_TRANSFORMS_PASSES_H
