//===- SwinStage.cpp - Blocks of one resolution ---------------------------===//

#include "models/Swin/SwinStage.h"

#include "models/Swin/PatchMerging.h"
#include "models/Swin/SwinBlock.h"

using llvm::Twine;

namespace oriel {

GraphTensor swinStage(GraphBuilder &builder, GraphTensor x, size_t stage,
                      const SwinConfig &config) {
  Scope scope(builder, config.names.stages + "." + Twine(stage));
  bool isFirst = stage == 0, isLast = stage + 1 == config.depths.size();
  if (!config.mergesAtStageEnd && !isFirst) {
    x = patchMerging(builder, x, config);
  }
  for (int64_t block = 0; block < config.depths[stage]; ++block) {
    Scope blockScope(builder, "blocks." + Twine(block));
    x = swinBlock(builder, x, config.numHeads[stage], /*isShifted=*/block % 2 == 1, config);
  }
  if (config.mergesAtStageEnd && !isLast) {
    x = patchMerging(builder, x, config);
  }
  return x;
}

} // namespace oriel
