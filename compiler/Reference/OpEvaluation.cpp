//===- OpEvaluation.cpp - Finds the meaning of an op ----------------------===//

#include "compiler/Reference/OpEvaluation.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace oriel;

std::optional<Tensor> oriel::evaluate(mlir::Operation *op,
                                      llvm::ArrayRef<const Tensor *> operands) {
  auto evaluateConcrete = [&](auto concrete) -> std::optional<Tensor> {
    return evaluate(concrete, Operands<decltype(concrete)>(operands, concrete));
  };
  return llvm::TypeSwitch<mlir::Operation *, std::optional<Tensor>>(op)
      .Case<BatchNormScaleOp, BatchNormOffsetOp, ScaleFiltersOp, WinogradFilterOp,
            RelativePositionBiasOp, ShiftMaskOp, PackOp>(evaluateConcrete)
      .Case<Conv2DOp, WinogradConv2DOp, BatchNormOp, NormalizeImageOp, ConcatOp, GlobalAvgPoolOp,
            PermuteOp>(evaluateConcrete)
      .Case<SiluOp, GeluOp, ScaleOp, AddOp, LayerNormOp, LinearOp>(evaluateConcrete)
      .Case<RollOp, WindowPartitionOp, WindowReverseOp, UnfoldPatchesOp, FoldPatchesOp,
            PatchMergeOp>(evaluateConcrete)
      .Case<SplitHeadsOp, MergeHeadsOp, MatmulOp, SoftmaxOp, AddWindowBiasOp>(evaluateConcrete)
      .Default(std::nullopt);
}
