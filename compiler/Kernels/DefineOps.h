//===- DefineOps.h - Definitions by group of ops, for Define.cpp ----------===//
#ifndef ORIEL_COMPILER_KERNELS_DEFINEOPS_H
#define ORIEL_COMPILER_KERNELS_DEFINEOPS_H

#include "compiler/Kernels/Define.h"

namespace oriel {

// DefineFeatureMapOps.cpp
DefinedValue defineOp(ConcatOp op, llvm::ArrayRef<DefinedValue> operands);
DefinedValue defineOp(PermuteOp op, llvm::ArrayRef<DefinedValue> operands);

// DefineWindowOps.cpp
DefinedValue defineOp(RollOp op, const DefinedValue &input);
DefinedValue defineOp(WindowPartitionOp op, const DefinedValue &input);
DefinedValue defineOp(WindowReverseOp op, const DefinedValue &input);
DefinedValue defineOp(UnfoldPatchesOp op, const DefinedValue &input);
DefinedValue defineOp(FoldPatchesOp op, const DefinedValue &input);
DefinedValue defineOp(PatchMergeOp op, const DefinedValue &input);

// DefineAttentionOps.cpp
DefinedValue defineOp(SplitHeadsOp op, const DefinedValue &input);
DefinedValue defineOp(MergeHeadsOp op, const DefinedValue &input);
DefinedValue defineOp(MatmulOp op, llvm::ArrayRef<DefinedValue> operands);
/// The matrix of the table that is added to the scores of window g.
Halide::Expr windowClassOf(AddWindowBiasOp op, const Halide::Expr &g);
DefinedValue defineOp(AddWindowBiasOp op, llvm::ArrayRef<DefinedValue> operands);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_DEFINEOPS_H
