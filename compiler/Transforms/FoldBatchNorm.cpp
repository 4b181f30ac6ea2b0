//===- FoldBatchNorm.cpp - Batch norms into convolutions ------------------===//
//
// A batch norm scales and shifts each channel; the filter and bias of the convolution before it can
// do that.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "compiler/Transforms/Passes.h.inc"

static constexpr StringLiteral flag = "fold-batch-norm";

/// Why the op before a batch norm cannot compute it, or "".
static std::string findRefusal(BatchNormOp norm) {
  Operation *layer = norm.getInput().getDefiningOp();
  if (!isa_and_nonnull<Conv2DOp, LinearOp>(layer)) {
    return "it follows no convolution or linear layer";
  }
  std::string name = layer->getName().stripDialect().str();
  if (!layer->hasOneUse()) {
    return name + " has other readers";
  }
  if (!llvm::all_of(norm->getOperands().drop_front(), isParameter)) {
    return "its statistics are no parameters";
  }
  return llvm::all_of(layer->getOperands().drop_front(), isParameter)
             ? ""
             : "the weights of " + name + " are no parameters";
}

namespace {

// batch_norm(W * x + b) = (s W) * x + (beta + (b - mean) s),  s = gamma / sqrt(variance + epsilon)
//
// LayerOp is Conv2DOp or LinearOp: operands input, weight by output channel, optional bias.
template <typename LayerOp>
struct FoldIntoLayer : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern<BatchNormOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormOp norm, PatternRewriter &rewriter) const override {
    auto layer = norm.getInput().getDefiningOp<LayerOp>();
    if (!layer || !findRefusal(norm).empty()) {
      return failure();
    }
    Value weight = layer->getOperand(1);
    Value bias = layer.getBias();
    auto scale = BatchNormScaleOp::create(rewriter, norm.getLoc(), norm.getGamma(),
                                          norm.getVariance(), norm.getEpsilonAttr());
    auto scaled = ScaleFiltersOp::create(rewriter, layer.getLoc(), weight, scale);
    auto offset = BatchNormOffsetOp::create(rewriter, norm.getLoc(), norm.getBeta(), norm.getMean(),
                                            scale, bias);
    Operation *folded = rewriter.clone(*layer);
    folded->setLoc(rewriter.getFusedLoc({layer.getLoc(), norm.getLoc()}));
    folded->setOperands({layer.getInput(), scaled, offset});
    remarkFused(folded, flag,
                "batch_norm is folded into the parameters of " + folded->getName().stripDialect(),
                listLayers({layer, norm}));
    rewriter.replaceOp(norm, folded);
    rewriter.eraseOp(layer);
    return success();
  }
};

struct FoldBatchNormPass : impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldIntoLayer<Conv2DOp>, FoldIntoLayer<LinearOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns)))) {
      return signalPassFailure();
    }
    for (auto norm : getOperation().getOps<BatchNormOp>()) {
      remarkNotFused(norm, flag, "batch_norm is not folded: " + findRefusal(norm));
    }
  }
};

} // namespace
} // namespace oriel
