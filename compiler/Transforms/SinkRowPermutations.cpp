//===- SinkRowPermutations.cpp - Window movement next to attention --------===//
//
// Permutations of rows commute with ops on rows. Those into windows move down, those out of windows
// up, until they meet attention or each other. No permutation ever changes direction, so the
// rewriting ends.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_SINKROWPERMUTATIONSPASS
#include "compiler/Transforms/Passes.h.inc"

static bool isIntoWindows(Operation *op) { return isa<WindowPartitionOp, UnfoldPatchesOp>(op); }

static bool isOutOfWindows(Operation *op) {
  return isa_and_nonnull<WindowReverseOp, FoldPatchesOp>(op);
}

/// Whether a value comes out of windows, but for ops on rows.
static bool comesOutOfWindows(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && op->hasTrait<RowWise>()) {
    op = op->getOperand(0).getDefiningOp();
  }
  return isOutOfWindows(op);
}

/// Whether a reader of the op's result brings it into windows, but for ops on rows.
static bool leadsIntoWindows(Operation *op) {
  return llvm::any_of(op->getUsers(), [](Operation *user) {
    return isIntoWindows(user) || (user->hasTrait<RowWise>() && leadsIntoWindows(user));
  });
}

/// A roll goes with the partition or the reverse on its other side: the partition that reads it,
/// even through ops on rows, has moved down already or will.
static bool movesUp(Operation *permutation) {
  auto roll = dyn_cast<RollOp>(permutation);
  return roll ? comesOutOfWindows(roll.getInput()) : isOutOfWindows(permutation);
}

static bool movesDown(Operation *permutation) {
  if (!isa<RollOp>(permutation)) {
    return isIntoWindows(permutation);
  }
  return leadsIntoWindows(permutation) && !movesUp(permutation);
}

/// The permutation that moves down and gives this value, or null.
static Operation *getSinkingProducer(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op->hasTrait<RowPermutation>() && movesDown(op) ? op : nullptr;
}

/// `op` on another operand 0, where the rows of its result are in the order of that operand's.
static Value cloneOn(Value input, Operation *op, PatternRewriter &rewriter) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(input.getType()).getShape());
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  shape.back() = type.getShape().back();
  Operation *clone = rewriter.clone(*op);
  clone->setOperand(0, input);
  clone->getResult(0).setType(type.clone(shape));
  return clone->getResult(0);
}

/// The permutation of `original` on another value. The result has the value's channels.
static Value permute(Value input, Operation *original, PatternRewriter &rewriter) {
  auto type = cast<RankedTensorType>(original->getResult(0).getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = cast<RankedTensorType>(input.getType()).getShape().back();
  Operation *clone = rewriter.clone(*original);
  clone->setOperand(0, input);
  clone->getResult(0).setType(type.clone(shape));
  return clone->getResult(0);
}

/// The inverse of a partition or unfold, applied to a value.
static Value permuteBack(Value input, Operation *permutation, PatternRewriter &rewriter) {
  Location location = permutation->getLoc();
  auto map = cast<RankedTensorType>(permutation->getOperand(0).getType()).getShape().slice(1, 2);
  if (auto partition = dyn_cast<WindowPartitionOp>(permutation)) {
    return WindowReverseOp::create(rewriter, location, input, partition.getWindow(), map);
  }
  auto unfold = cast<UnfoldPatchesOp>(permutation);
  return FoldPatchesOp::create(rewriter, location, input, unfold.getPatch(), map);
}

namespace {

// f(P(x)) = P(f(x)) for P into windows, f on rows
struct SinkThroughRowWise : RewritePattern {
  SinkThroughRowWise(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!op->hasTrait<RowWise>()) {
      return failure();
    }
    Operation *permutation = getSinkingProducer(op->getOperand(0));
    // A roll sinks towards its partition only, not past its other readers.
    if (!permutation || (isa<RollOp>(permutation) && !leadsIntoWindows(op))) {
      return failure();
    }
    Value computed = cloneOn(permutation->getOperand(0), op, rewriter);
    rewriter.replaceOp(op, permute(computed, permutation, rewriter));
    return success();
  }
};

// P(f(x)) = f(P(x)) for P out of windows, f on rows
struct RaiseThroughRowWise : RewritePattern {
  RaiseThroughRowWise(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *permutation, PatternRewriter &rewriter) const override {
    if (!permutation->hasTrait<RowPermutation>() || !movesUp(permutation)) {
      return failure();
    }
    Operation *op = permutation->getOperand(0).getDefiningOp();
    // Another reader would have f computed twice.
    if (!op || !op->hasTrait<RowWise>() || !op->hasOneUse()) {
      return failure();
    }
    Value permuted = permute(op->getOperand(0), permutation, rewriter);
    rewriter.replaceOp(permutation, cloneOn(permuted, op, rewriter));
    return success();
  }
};

// P(x) + z = P(x + P^-1(z)) for P into windows;  P(x) + v = P(x + v) for a vector v of channels
struct SinkThroughAdd : OpRewritePattern<AddOp> {
  using OpRewritePattern<AddOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(AddOp add, PatternRewriter &rewriter) const override {
    for (unsigned side : {0, 1}) {
      Operation *permutation = getSinkingProducer(add->getOperand(side));
      Value other = add->getOperand(1 - side);
      auto otherType = cast<RankedTensorType>(other.getType());
      bool isVector = otherType.getRank() == 1;
      // A roll never leads into windows through an addition.
      if (!permutation || isa<RollOp>(permutation) ||
          add->getOperand(side).getType() != add.getType() ||
          (!isVector && otherType != add.getType())) {
        continue;
      }
      Value operands[2];
      operands[side] = permutation->getOperand(0);
      operands[1 - side] = isVector ? other : permuteBack(other, permutation, rewriter);
      Value sum = AddOp::create(rewriter, add.getLoc(), operands[0], operands[1]);
      rewriter.replaceOp(add, permute(sum, permutation, rewriter));
      return success();
    }
    return failure();
  }
};

} // namespace

/// Whether an op reads and writes through permutations for free, or is one and moves along.
static bool meetsPermutations(Operation *op) {
  return isa<SplitHeadsOp, MergeHeadsOp>(op) || op->hasTrait<RowPermutation>();
}

/// What keeps an op from computing on rows in another order.
static std::string describeObstacle(Operation *op) {
  std::string name = op->getName().stripDialect().str();
  if (op->hasTrait<OpTrait::IsTerminator>()) {
    return "it is a result";
  }
  if (isa<AddOp>(op)) {
    return "the other operand of " + name + " is in another order";
  }
  return op->hasTrait<RowWise>() ? name + " has other readers"
                                 : name + " does not compute row by row";
}

/// What stands between a permutation that is left and an attention, or "".
static std::string findObstacle(Operation *permutation) {
  if (movesUp(permutation)) {
    Operation *op = permutation->getOperand(0).getDefiningOp();
    return !op || meetsPermutations(op) ? "" : describeObstacle(op);
  }
  if (movesDown(permutation)) {
    for (Operation *user : permutation->getUsers()) {
      if (!meetsPermutations(user)) {
        return describeObstacle(user);
      }
    }
  }
  return "";
}

namespace {

struct SinkRowPermutationsPass : impl::SinkRowPermutationsPassBase<SinkRowPermutationsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SinkThroughRowWise, RaiseThroughRowWise, SinkThroughAdd>(&getContext());
    GreedyRewriteConfig config;
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config))) {
      return signalPassFailure();
    }
    for (Operation &op : getOperation().getBody().front()) {
      std::string obstacle = op.hasTrait<RowPermutation>() ? findObstacle(&op) : "";
      if (!obstacle.empty()) {
        remarkNotFused(&op, getArgument(),
                       op.getName().stripDialect() + " does not reach an attention: " + obstacle);
      }
    }
  }
};

} // namespace
} // namespace oriel
