//===- MergeAttentionTables.cpp - One table for bias and mask -------------===//
//
// Scores of attention are biased by relative position and masked where a shift brought regions
// together. Both are parameters, so one table of their sum will do, with one entry for each class
// of window.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_MERGEATTENTIONTABLESPASS
#include "compiler/Transforms/Passes.h.inc"

static constexpr StringLiteral flag = "merge-attention-tables";

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Which operand of an addition to scores [B, G, heads, T, T] is a parameter, or none.
static std::optional<unsigned> getTableOperand(Operation *op) {
  if (!isa_and_nonnull<AddOp>(op) || shapeOf(op->getResult(0)).size() != 5) {
    return std::nullopt;
  }
  for (unsigned side : {0, 1}) {
    if (isParameter(op->getOperand(side)) && !isParameter(op->getOperand(1 - side)) &&
        op->getOperand(1 - side).getType() == op->getResult(0).getType()) {
      return side;
    }
  }
  return std::nullopt;
}

/// A mask with an entry for each window.
static ShiftMaskOp getWindowMask(Value table) {
  auto mask = table.getDefiningOp<ShiftMaskOp>();
  return mask && !mask.getByClass() ? mask : ShiftMaskOp();
}

/// Whether a table [heads, T, T] or [1, heads, T, T] adds the same to every window.
static bool isSameForWindows(Value table) {
  auto shape = shapeOf(table);
  return shape.size() < 4 || (shape.size() == 4 && shape[0] == 1);
}

namespace {

/// Successive additions of parameters to scores.
struct ScoreTables {
  Value scores;
  ShiftMaskOp mask;
  SmallVector<Value> biases;
};

} // namespace

/// The additions that end with `last`.
static ScoreTables collectTables(AddOp last) {
  ScoreTables tables{last.getResult(), {}, {}};
  Operation *op = last;
  while (auto side = getTableOperand(op)) {
    if (op != last && !op->hasOneUse()) {
      break;
    }
    Value table = op->getOperand(*side);
    tables.scores = op->getOperand(1 - *side);
    auto mask = getWindowMask(table);
    if (mask && !tables.mask && shapeOf(mask)[0] == shapeOf(tables.scores)[1]) {
      tables.mask = mask;
    } else {
      tables.biases.push_back(table);
    }
    op = tables.scores.getDefiningOp();
  }
  return tables;
}

/// Whether nothing that follows adds another table.
static bool isLast(AddOp add) {
  return llvm::none_of(add->getUsers(),
                       [](Operation *user) { return getTableOperand(user).has_value(); });
}

/// Whether the additions that end with `last` can become one, and are not that already.
static bool canMerge(AddOp last, const ScoreTables &tables) {
  // A kernel reads the table as operand 1.
  bool isOnLeft = getTableOperand(last) == 0u;
  return tables.mask ? llvm::all_of(tables.biases, isSameForWindows)
                     : tables.biases.size() > 1 || isOnLeft;
}

namespace {

// (scores + b) + mask[g] = scores + (mask by class + b)[k(g)]
// (scores + a) + b = scores + (b + a);  b + scores = scores + b
struct MergeTables : OpRewritePattern<AddOp> {
  using OpRewritePattern<AddOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(AddOp add, PatternRewriter &rewriter) const override {
    ScoreTables tables = collectTables(add);
    if (!isLast(add) || !canMerge(add, tables)) {
      return failure();
    }
    if (tables.biases.size() + (tables.mask ? 1 : 0) > 1) {
      remarkFused(add, flag,
                  tables.mask ? "bias and shift mask of the scores are one table"
                              : "biases of the scores are one table");
    }
    Value table;
    if (ShiftMaskOp mask = tables.mask) {
      table = ShiftMaskOp::create(rewriter, mask.getLoc(), mask.getMap(), mask.getWindow(),
                                  mask.getShift(),
                                  /*by_class=*/true);
    }
    for (Value bias : tables.biases) {
      table = table ? AddOp::create(rewriter, add.getLoc(), table, bias).getResult() : bias;
    }
    if (ShiftMaskOp mask = tables.mask) {
      int64_t windows[] = {mask.getMap()[0] / mask.getWindow()[0],
                           mask.getMap()[1] / mask.getWindow()[1]};
      rewriter.replaceOpWithNewOp<AddWindowBiasOp>(add, tables.scores, table, windows);
    } else {
      rewriter.replaceOpWithNewOp<AddOp>(add, tables.scores, table);
    }
    return success();
  }
};

struct MergeAttentionTablesPass : impl::MergeAttentionTablesPassBase<MergeAttentionTablesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<MergeTables>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns)))) {
      return signalPassFailure();
    }
    for (auto add : getOperation().getOps<AddOp>()) {
      if (ScoreTables tables = collectTables(add); tables.mask && isLast(add)) {
        remarkNotFused(add, flag,
                       "bias and shift mask stay two tables: the bias differs from window to "
                       "window, the mask by class of window");
      }
    }
  }
};

} // namespace
} // namespace oriel
