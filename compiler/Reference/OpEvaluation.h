//===- OpEvaluation.h - The meaning of each op ----------------------------===//
//
// One overload of `evaluate` per op. Operands arrive under their names of the
// .td files (an absent optional operand is null); the verifier has checked
// their shapes. Values are float between ops and double within one.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_REFERENCE_OPEVALUATION_H
#define ORIEL_COMPILER_REFERENCE_OPEVALUATION_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/Tensor.h"

#include <optional>

namespace oriel {

/// Operands of an op, by name.
template <typename Op>
using Operands = typename Op::template GenericAdaptor<llvm::ArrayRef<const Tensor *>>;

/// A tensor of zeros with the shape of an op's result.
template <typename Op>
Tensor makeResult(Op op) {
  return Tensor::zeros(op.getType().getShape());
}

/// Evaluates any op that computes one value from its operands alone; nothing for all others
/// (`oriel.param`, `oriel.kernel`, ops of other dialects, ...).
std::optional<Tensor> evaluate(mlir::Operation *op, llvm::ArrayRef<const Tensor *> operands);

Tensor evaluate(BatchNormScaleOp op, Operands<BatchNormScaleOp> operands);
Tensor evaluate(BatchNormOffsetOp op, Operands<BatchNormOffsetOp> operands);
Tensor evaluate(ScaleFiltersOp op, Operands<ScaleFiltersOp> operands);
Tensor evaluate(WinogradFilterOp op, Operands<WinogradFilterOp> operands);
Tensor evaluate(RelativePositionBiasOp op, Operands<RelativePositionBiasOp> operands);
Tensor evaluate(ShiftMaskOp op, Operands<ShiftMaskOp> operands);
Tensor evaluate(PackOp op, Operands<PackOp> operands);

Tensor evaluate(Conv2DOp op, Operands<Conv2DOp> operands);
Tensor evaluate(WinogradConv2DOp op, Operands<WinogradConv2DOp> operands);
Tensor evaluate(BatchNormOp op, Operands<BatchNormOp> operands);
Tensor evaluate(NormalizeImageOp op, Operands<NormalizeImageOp> operands);
Tensor evaluate(ConcatOp op, Operands<ConcatOp> operands);
Tensor evaluate(GlobalAvgPoolOp op, Operands<GlobalAvgPoolOp> operands);
Tensor evaluate(PermuteOp op, Operands<PermuteOp> operands);

Tensor evaluate(SiluOp op, Operands<SiluOp> operands);
Tensor evaluate(GeluOp op, Operands<GeluOp> operands);
Tensor evaluate(ScaleOp op, Operands<ScaleOp> operands);
Tensor evaluate(AddOp op, Operands<AddOp> operands);
Tensor evaluate(LayerNormOp op, Operands<LayerNormOp> operands);
Tensor evaluate(LinearOp op, Operands<LinearOp> operands);

Tensor evaluate(RollOp op, Operands<RollOp> operands);
Tensor evaluate(WindowPartitionOp op, Operands<WindowPartitionOp> operands);
Tensor evaluate(WindowReverseOp op, Operands<WindowReverseOp> operands);
Tensor evaluate(UnfoldPatchesOp op, Operands<UnfoldPatchesOp> operands);
Tensor evaluate(FoldPatchesOp op, Operands<FoldPatchesOp> operands);
Tensor evaluate(PatchMergeOp op, Operands<PatchMergeOp> operands);

Tensor evaluate(SplitHeadsOp op, Operands<SplitHeadsOp> operands);
Tensor evaluate(MergeHeadsOp op, Operands<MergeHeadsOp> operands);
Tensor evaluate(MatmulOp op, Operands<MatmulOp> operands);
Tensor evaluate(SoftmaxOp op, Operands<SoftmaxOp> operands);
Tensor evaluate(AddWindowBiasOp op, Operands<AddWindowBiasOp> operands);

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_OPEVALUATION_H
