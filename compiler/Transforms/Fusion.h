//===- Fusion.h - Forming and growing kernels -----------------------------===//
//
// What all fusion passes share. A fusion is tried on a copy: a new oriel.kernel is built from
// clones, planKernel and isFasterThanParts are asked, and on a refusal the copy is erased; so there
// is nothing to roll back.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TRANSFORMS_FUSION_H
#define ORIEL_COMPILER_TRANSFORMS_FUSION_H

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

namespace oriel {

/// Who fuses: a pass, which remarks name. It asks the cost model whether one kernel is faster than
/// several, or does not care.
struct FusingPass {
  FusingPass(llvm::StringRef name, bool asksCostModel = true)
      : name(name), asksCostModel(asksCostModel) {}

  llvm::StringRef name;
  bool asksCostModel;
};

/// Computes `parts` in one kernel, in place of the last of them.
///
/// Parts are graph ops or kernels of one block, in order of execution; each has one result, and
/// nobody but other parts reads a result except the last's (or one of an op that only moves data:
/// it is then computed twice). What parts use from elsewhere, parameters too, become operands of
/// the kernel. Its location is that of the plan's anchor. A remark of `pass` says which of several
/// parts became one. Where no kernel can compute the parts, or one would be slower than several,
/// nothing changes, and a remark says why if `refusal` is null; else the reason is put there.
llvm::FailureOr<KernelOp> fuse(mlir::RewriterBase &rewriter,
                               llvm::ArrayRef<mlir::Operation *> parts, FusingPass pass,
                               std::string *refusal = nullptr);

/// The layers of ops and of what kernels hold, each once, without unnamed ones.
std::vector<std::string> listLayers(llvm::ArrayRef<mlir::Operation *> parts);

/// Why two kernels or ops, of which the second reads the first, are not one kernel: one sentence
/// without a full stop. Changes nothing.
std::string explainBoundary(mlir::Operation *producer, mlir::Operation *reader);

/// The op that reads a value by `use`: the user, or the op inside where the user is a kernel (null
/// if several do). `use` becomes the use inside.
mlir::Operation *getReader(mlir::OpOperand *&use);

using OpPredicate = llvm::function_ref<bool(mlir::Operation *)>;

/// Fuses each op of `function` that `isProducer` with the one op or kernel that reads it, where the
/// reading op reads it as operand 0 and `isReader`.
void fuseIntoReaders(mlir::func::FuncOp function, FusingPass pass, OpPredicate isProducer,
                     OpPredicate isReader);

/// Lets each op of `function` that `isAnchor`, or the kernel around one, take in the pointwise ops
/// that follow it, one by one: activations, and additions of what is computed elsewhere.
void fuseEpilogues(mlir::func::FuncOp function, llvm::StringRef pass, OpPredicate isAnchor);

} // namespace oriel

#endif // ORIEL_COMPILER_TRANSFORMS_FUSION_H
