//===- Fusion.cpp - Forming and growing kernels ---------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Kernels/FusionGain.h"
#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Transforms/Remarks.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace oriel {

/// Whether a second computation of an op costs nothing next to what reads it.
static bool onlyMovesData(Operation *op) {
  return op->hasTrait<RowPermutation>() || isa<SplitHeadsOp>(op);
}

/// Whether only `parts` need what they compute, except for the last's result.
static bool areSelfContained(ArrayRef<Operation *> parts) {
  llvm::SmallPtrSet<Operation *, 16> set(parts.begin(), parts.end());
  return llvm::all_of(parts.drop_back(), [&](Operation *part) {
    return onlyMovesData(part) ||
           llvm::all_of(part->getUsers(), [&](Operation *user) { return set.contains(user); });
  });
}

namespace {

/// A kernel with copies of ops.
class KernelCopy {
public:
  KernelCopy(OpBuilder &builder, Operation *last)
      : body(builder),
        kernel(KernelOp::create(builder, last->getLoc(), last->getResultTypes(), ValueRange())) {
    body.setInsertionPointToStart(kernel.getBodyBlock());
  }

  void append(Operation *op) {
    if (auto inner = dyn_cast<KernelOp>(op)) {
      appendBody(inner);
      return;
    }
    for (Value operand : op->getOperands()) {
      lookup(operand);
    }
    body.clone(*op, values);
  }

  KernelOp finish(Operation *last) {
    SmallVector<Value> results;
    for (Value result : last->getResults()) {
      results.push_back(values.lookup(result));
    }
    YieldOp::create(body, last->getLoc(), TypeRange(), results);
    return kernel;
  }

private:
  void appendBody(KernelOp inner) {
    for (auto [argument, input] :
         llvm::zip_equal(inner.getBodyBlock()->getArguments(), inner.getInputs())) {
      values.map(argument, lookup(input));
    }
    for (Operation &op : inner.getBodyBlock()->without_terminator()) {
      body.clone(op, values);
    }
    for (auto [result, yielded] :
         llvm::zip_equal(inner.getResults(), inner.getYield().getValues())) {
      values.map(result, values.lookup(yielded));
    }
  }

  /// The value inside for one outside; a new operand at its first use.
  Value lookup(Value outside) {
    if (Value inside = values.lookupOrNull(outside)) {
      return inside;
    }
    kernel.getInputsMutable().append(outside);
    Value argument = kernel.getBodyBlock()->addArgument(outside.getType(), outside.getLoc());
    values.map(outside, argument);
    return argument;
  }

  OpBuilder body;
  KernelOp kernel;
  IRMapping values;
};

} // namespace

static KernelOp copyIntoKernel(RewriterBase &rewriter, ArrayRef<Operation *> parts) {
  rewriter.setInsertionPoint(parts.back());
  KernelCopy copy(rewriter, parts.back());
  for (Operation *part : parts) {
    copy.append(part);
  }
  return copy.finish(parts.back());
}

/// "layer_norm+linear, gelu" for a kernel of two ops and an op.
static std::string listNames(ArrayRef<Operation *> parts) {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto printName = [&](Operation &op) { out << op.getName().stripDialect(); };
  llvm::interleaveComma(parts, out, [&](Operation *part) {
    if (auto kernel = dyn_cast<KernelOp>(part)) {
      llvm::interleave(kernel.getBodyBlock()->without_terminator(), out, printName, "+");
    } else {
      printName(*part);
    }
  });
  return text;
}

std::vector<std::string> listLayers(ArrayRef<Operation *> parts) {
  llvm::SetVector<StringRef> layers;
  auto add = [&](Operation &op) {
    if (StringRef layer = getLayerName(op.getLoc()); !layer.empty()) {
      layers.insert(layer);
    }
  };
  for (Operation *part : parts) {
    if (auto kernel = dyn_cast<KernelOp>(part)) {
      llvm::for_each(kernel.getBodyBlock()->without_terminator(), add);
    } else {
      add(*part);
    }
  }
  return {layers.begin(), layers.end()};
}

/// A kernel of copies of `parts` before the last of them, or why there is none. `reason` may also
/// say what a kernel gains, or that it gains nothing.
static FailureOr<KernelOp> copyWherePlanned(RewriterBase &rewriter, ArrayRef<Operation *> parts,
                                            bool asksCostModel, std::string &reason) {
  if (!areSelfContained(parts)) {
    reason = "an intermediate result has other readers";
    return failure();
  }
  KernelOp kernel = copyIntoKernel(rewriter, parts);
  FailureOr<KernelPlan> plan = planKernel(kernel, &reason);
  if (failed(plan) || (!isFasterThanParts(*plan, reason) && asksCostModel)) {
    rewriter.eraseOp(kernel);
    return failure();
  }
  if (plan->anchor) {
    kernel->setLoc(plan->anchor->getLoc());
  }
  return kernel;
}

FailureOr<KernelOp> fuse(RewriterBase &rewriter, ArrayRef<Operation *> parts, FusingPass pass,
                         std::string *refusal) {
  std::string reason;
  FailureOr<KernelOp> kernel = copyWherePlanned(rewriter, parts, pass.asksCostModel, reason);
  if (failed(kernel)) {
    if (refusal) {
      *refusal = reason;
    } else {
      remarkNotFused(parts.back(), pass.name, listNames(parts) + " are not one kernel: " + reason,
                     listLayers(parts));
    }
    return failure();
  }
  if (parts.size() > 1) {
    remarkFused(*kernel, pass.name,
                listNames(parts) + " are one kernel" + (reason.empty() ? "" : ": " + reason),
                listLayers(parts));
  }
  rewriter.replaceOp(parts.back(), *kernel);
  for (Operation *part : llvm::reverse(parts.drop_back())) {
    if (part->use_empty()) {
      rewriter.eraseOp(part);
    }
  }
  return kernel;
}

std::string explainBoundary(Operation *producer, Operation *reader) {
  IRRewriter rewriter(producer->getContext());
  std::string reason;
  FailureOr<KernelOp> kernel =
      copyWherePlanned(rewriter, {producer, reader}, /*asksCostModel=*/true, reason);
  if (failed(kernel)) {
    return reason;
  }
  rewriter.eraseOp(*kernel);
  return "one kernel could compute both, but no pass joins them";
}

Operation *getReader(OpOperand *&use) {
  auto kernel = dyn_cast<KernelOp>(use->getOwner());
  if (!kernel) {
    return use->getOwner();
  }
  BlockArgument argument = kernel.getBodyBlock()->getArgument(use->getOperandNumber());
  if (!argument.hasOneUse()) {
    return nullptr;
  }
  use = &*argument.use_begin();
  return use->getOwner();
}

namespace {
/// How a use of a value stands to what a fusion looks for.
enum class Nearness {
  /// No reader of the wanted kind.
  Far,
  /// A reader of the wanted kind, but another of its operands.
  Elsewhere,
  /// Operand 0 of a reader of the wanted kind.
  AsOperand,
};
} // namespace

static Nearness getNearness(OpOperand &operand, OpPredicate isReader) {
  OpOperand *use = &operand;
  Operation *reader = getReader(use);
  if (!reader || !isReader(reader)) {
    return Nearness::Far;
  }
  return use->getOperandNumber() == 0 ? Nearness::AsOperand : Nearness::Elsewhere;
}

void fuseIntoReaders(func::FuncOp function, FusingPass pass, OpPredicate isProducer,
                     OpPredicate isReader) {
  SmallVector<Operation *> producers;
  for (Operation &op : function.getBody().front()) {
    if (isProducer(&op)) {
      producers.push_back(&op);
    }
  }
  IRRewriter rewriter(function.getContext());
  for (size_t i = 0; i < producers.size(); ++i) {
    Operation *producer = producers[i];
    if (!producer) {
      continue;
    }
    std::string name = listNames(producer);
    Nearness nearness = Nearness::Far;
    for (OpOperand &use : producer->getUses()) {
      nearness = std::max(nearness, getNearness(use, isReader));
    }
    if (nearness == Nearness::AsOperand && producer->hasOneUse()) {
      Operation *reader = *producer->user_begin();
      FailureOr<KernelOp> kernel = fuse(rewriter, {producer, reader}, pass);
      if (succeeded(kernel)) {
        // The reader is gone, and may have been a producer itself.
        Operation *next = isProducer(*kernel) ? kernel->getOperation() : nullptr;
        std::replace(producers.begin(), producers.end(), reader, next);
      }
    } else if (nearness == Nearness::AsOperand) {
      remarkNotFused(producer, pass.name, name + " has several readers");
    } else if (nearness == Nearness::Elsewhere) {
      remarkNotFused(producer, pass.name,
                     name + " is read, but not as the operand that is computed on");
    }
  }
}

/// Whether an op can be applied to a result of its shape as it is computed. `value` is that result.
static bool isEpilogue(Operation *op, Value value) {
  if (isa<AddOp>(op)) {
    return op->getResult(0).getType() == value.getType();
  }
  return isa<SiluOp, GeluOp, ScaleOp, BatchNormOp>(op);
}

/// Says why what follows a kernel and could have been its epilogue is none.
static void remarkMissedEpilogue(Operation *root, StringRef pass) {
  auto isActivation = [](Operation *user) { return isa<SiluOp, GeluOp>(user); };
  if (root->hasOneUse()) {
    if (auto add = dyn_cast<AddOp>(*root->user_begin());
        add && !isEpilogue(add, root->getResult(0))) {
      remarkNotFused(root, pass,
                     listNames({root, add}) + " are not one kernel: the sum is larger than what is "
                                              "added to it");
    }
  } else if (llvm::any_of(root->getUsers(), isActivation)) {
    remarkNotFused(root, pass, listNames(root) + " has several readers, an activation among them");
  }
}

void fuseEpilogues(func::FuncOp function, StringRef pass, OpPredicate isAnchor) {
  SmallVector<Operation *> roots;
  for (Operation &op : function.getBody().front()) {
    auto kernel = dyn_cast<KernelOp>(op);
    if (kernel ? llvm::any_of(*kernel.getBodyBlock(),
                              [&](Operation &inner) { return isAnchor(&inner); })
               : isAnchor(&op)) {
      roots.push_back(&op);
    }
  }
  IRRewriter rewriter(function.getContext());
  for (Operation *root : roots) {
    while (root->hasOneUse() && isEpilogue(*root->user_begin(), root->getResult(0))) {
      FailureOr<KernelOp> grown = fuse(rewriter, {root, *root->user_begin()}, pass);
      if (failed(grown)) {
        break;
      }
      root = *grown;
    }
    remarkMissedEpilogue(root, pass);
  }
}

} // namespace oriel
