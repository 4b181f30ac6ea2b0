//===- KernelMatcher.h - Matches a region against the families ------------===//
#ifndef ORIEL_COMPILER_KERNELS_KERNELMATCHER_H
#define ORIEL_COMPILER_KERNELS_KERNELMATCHER_H

#include "compiler/Kernels/KernelPlan.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace oriel {

/// Fills a plan op by op. Each match function returns whether its part fits and else keeps the
/// first reason why not.
class KernelMatcher {
public:
  explicit KernelMatcher(KernelOp kernel) : kernel(kernel) {}

  bool match();
  KernelPlan takePlan() { return std::move(plan); }
  const std::string &getRefusal() const { return refusal; }

private:
  bool matchGemm(mlir::Operation *anchor);
  bool matchConvolution(Conv2DOp anchor);
  bool matchWinograd(WinogradConv2DOp anchor);
  bool matchBatchedMatmul(MatmulOp anchor);
  bool matchRowReduction(llvm::ArrayRef<mlir::Operation *> reductions);
  bool matchElementwise();

  // MatchHidden.cpp
  bool matchHidden(mlir::Operation *product, mlir::Operation *next);
  bool matchInvertedResidual(llvm::ArrayRef<mlir::Operation *> products);
  bool matchMlp(llvm::ArrayRef<mlir::Operation *> products);

  // MatchAttention.cpp
  bool matchAttention(llvm::ArrayRef<MatmulOp> matmuls, mlir::Operation *projection);
  bool matchScores(mlir::Value scores);
  bool matchHeads(mlir::Value value, SplitHeadsOp &split,
                  llvm::SmallVectorImpl<mlir::Operation *> &maps);
  bool matchMerge(mlir::Operation *projection);
  bool matchProjection(mlir::Operation *projection, mlir::Value rows);
  void multiplyScale(ScaleOp op);

  bool matchRowStatistics(mlir::Value &value);
  bool matchGather(mlir::Value value, llvm::function_ref<bool(mlir::Operation *)> accepts);
  bool matchEpilogue(mlir::Operation *last);
  bool matchEpilogueOperands(mlir::Operation *op, mlir::Value computed);

  bool isParameterOperand(mlir::Value value);
  bool requireNoBatch(mlir::Operation *op);
  bool requireOperand(mlir::Value value, mlir::Operation *user);
  bool requireOneUse(mlir::Operation *op);
  bool requireParameters(mlir::Operation *op);
  bool requireAllMatched();

  void match(mlir::Operation *op) { matched.insert(op); }
  bool isMatched(mlir::Operation *op) const { return matched.contains(op); }
  bool refuse(const llvm::Twine &text);
  static std::string nameOf(mlir::Operation *op);

  KernelOp kernel;
  KernelPlan plan;
  std::string refusal;
  llvm::SmallPtrSet<mlir::Operation *, 16> matched;
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_KERNELMATCHER_H
