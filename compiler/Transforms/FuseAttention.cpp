//===- FuseAttention.cpp - Attention as one kernel ------------------------===//
//
// From the split into heads to their merge, with the window movement on both sides as index maps.
// Scores of a window stay in cache; none are stored.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/Analysis/TopologicalSortUtils.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "compiler/Transforms/Passes.h.inc"

using OpSet = llvm::SetVector<Operation *>;

/// Whether an op can stand between the heads' split and merge.
static bool worksOnHeads(Operation *op) {
  return isa<MatmulOp, SoftmaxOp, ScaleOp, AddOp, AddWindowBiasOp, SplitHeadsOp>(op);
}

/// Adds what computes `value` from the results of split_heads, parameters left out.
static void collectAttention(Value value, OpSet &ops) {
  Operation *op = value.getDefiningOp();
  if (!op || !worksOnHeads(op) || isParameter(value) || !ops.insert(op) || isa<SplitHeadsOp>(op)) {
    return;
  }
  for (Value operand : op->getOperands()) {
    collectAttention(operand, ops);
  }
}

/// Adds the movement into windows that a split of heads reads through: a partition or unfold, a
/// roll before it.
static void collectInputMaps(SplitHeadsOp split, OpSet &ops) {
  Operation *map = split.getInput().getDefiningOp();
  if (!isa_and_nonnull<WindowPartitionOp, UnfoldPatchesOp>(map)) {
    return;
  }
  ops.insert(map);
  if (auto roll = map->getOperand(0).getDefiningOp<RollOp>()) {
    ops.insert(roll);
  }
}

/// The only reader of an op if it is one of the given kinds.
template <typename... Kinds>
static Operation *getOnlyReaderOfKind(Operation *op) {
  return op->hasOneUse() && isa<Kinds...>(*op->user_begin()) ? *op->user_begin() : nullptr;
}

/// The last op of the movement out of windows after a merge of heads; the merge itself if there is
/// none.
static Operation *collectOutputMaps(MergeHeadsOp merge, OpSet &ops) {
  Operation *reverse = getOnlyReaderOfKind<WindowReverseOp, FoldPatchesOp>(merge);
  if (!reverse) {
    return merge;
  }
  ops.insert(reverse);
  Operation *roll = getOnlyReaderOfKind<RollOp>(reverse);
  if (!roll) {
    return reverse;
  }
  ops.insert(roll);
  return roll;
}

/// Bytes that the movement in `ops` would read and write as kernels of its own, where it stands in
/// the model: on tokens of the attention's width, not of q, k and v together.
static int64_t getMovedBytes(ArrayRef<Operation *> ops, MergeHeadsOp merge) {
  int64_t movements =
      llvm::count_if(ops, [](Operation *op) { return op->hasTrait<RowPermutation>(); });
  return movements * 2 * sizeof(float) * merge.getType().getNumElements();
}

namespace {

// merge(softmax(scale q k^T + b) v), q, k, v = split(P(x)), and P^-1 of it = kernel(x, b) { the
// same }
struct FuseAttentionPass : impl::FuseAttentionPassBase<FuseAttentionPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    for (auto merge : llvm::to_vector(getOperation().getOps<MergeHeadsOp>())) {
      fuseAround(merge, rewriter);
    }
    for (auto softmax : getOperation().getOps<SoftmaxOp>()) {
      if (auto product = softmax.getInput().getDefiningOp(); product && worksOnHeads(product)) {
        remarkUnmerged(softmax);
      }
    }
  }

  /// Says why scores that are left have no kernel of attention, unless fuseAround has.
  void remarkUnmerged(SoftmaxOp softmax) {
    OpSet readers;
    readers.insert(softmax);
    for (size_t i = 0; i < readers.size(); ++i) {
      for (Operation *user : readers[i]->getUsers()) {
        if (isa<MergeHeadsOp>(user)) {
          return;
        }
        if (worksOnHeads(user)) {
          readers.insert(user);
        }
      }
    }
    remarkNotFused(softmax, getArgument(),
                   "softmax of scores is no part of an attention: no merge_heads follows");
  }

  void fuseAround(MergeHeadsOp merge, IRRewriter &rewriter) {
    OpSet ops;
    ops.insert(merge);
    collectAttention(merge.getInput(), ops);
    if (llvm::none_of(ops, llvm::IsaPred<SoftmaxOp>)) {
      remarkNotFused(merge, getArgument(),
                     "merge_heads ends no attention: no softmax stands before it");
      return;
    }
    for (Operation *op : llvm::to_vector(ops)) {
      if (auto split = dyn_cast<SplitHeadsOp>(op)) {
        collectInputMaps(split, ops);
      }
    }
    collectOutputMaps(merge, ops);
    SmallVector<Operation *> parts = llvm::to_vector(topologicalSort(ops));
    int64_t bytes = getMovedBytes(parts, merge);
    FailureOr<KernelOp> kernel = fuse(rewriter, parts, getArgument());
    if (succeeded(kernel) && bytes > 0) {
      remarkGain(*kernel, getArgument(),
                 Twine(bytes) + " bytes of window movement became index maps", bytes);
    }
  }
};

} // namespace
} // namespace oriel
