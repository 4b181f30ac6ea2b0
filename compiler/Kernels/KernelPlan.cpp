//===- KernelPlan.cpp - What one kernel computes, and how -----------------===//

#include "compiler/Kernels/KernelPlan.h"

#include "compiler/Kernels/KernelMatcher.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace oriel;

StringRef oriel::getName(KernelFamily family) {
  switch (family) {
  case KernelFamily::Gemm:
    return "gemm";
  case KernelFamily::Mlp:
    return "mlp";
  case KernelFamily::InvertedResidual:
    return "inverted-residual";
  case KernelFamily::Convolution:
    return "conv";
  case KernelFamily::WinogradConvolution:
    return "winograd";
  case KernelFamily::DepthwiseConvolution:
    return "depthwise";
  case KernelFamily::Attention:
    return "attention";
  case KernelFamily::AttentionProjection:
    return "attention-projection";
  case KernelFamily::BatchedMatmul:
    return "matmul";
  case KernelFamily::RowReduction:
    return "row-reduction";
  case KernelFamily::Elementwise:
    return "elementwise";
  }
  llvm_unreachable("all families are named");
}

static bool movesData(Operation *op) {
  return op->hasTrait<RowPermutation>() ||
         isa<PermuteOp, PatchMergeOp, SplitHeadsOp, MergeHeadsOp, ConcatOp>(op);
}

static bool isElementwise(Operation *op) {
  return movesData(op) || op->hasTrait<Pointwise>() || isa<BatchNormOp>(op);
}

bool oriel::isGemm(Operation *op) {
  auto convolution = dyn_cast<Conv2DOp>(op);
  return isa<LinearOp>(op) || (convolution && convolution.isPointwise());
}

bool KernelMatcher::refuse(const Twine &text) {
  if (refusal.empty()) {
    refusal = text.str();
  }
  return false;
}

std::string KernelMatcher::nameOf(Operation *op) {
  return "'" + op->getName().stripDialect().str() + "'";
}

bool KernelMatcher::requireOperand(Value value, Operation *user) {
  return isa<BlockArgument>(value) || isMatched(value.getDefiningOp()) ||
         refuse(nameOf(user) + " reads " + nameOf(value.getDefiningOp()) +
                ", which this kernel cannot compute on the way");
}

bool KernelMatcher::requireOneUse(Operation *op) {
  return op->getResult(0).hasOneUse() ||
         refuse("the result of " + nameOf(op) + " has more than one use");
}

bool KernelMatcher::requireAllMatched() {
  for (Operation &op : kernel.getBodyBlock()->without_terminator()) {
    if (!isMatched(&op)) {
      return refuse(nameOf(&op) + " has no place in a kernel of family '" + getName(plan.family) +
                    "'");
    }
  }
  return true;
}

/// Known in phase fused only, where regions are formed.
bool KernelMatcher::isParameterOperand(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && isParameter(kernel.getInputs()[argument.getArgNumber()]);
}

/// The batch is known at run time only, so a parameter is the same for all of its items.
bool KernelMatcher::requireNoBatch(Operation *op) {
  auto rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
  return llvm::none_of(op->getOperands(),
                       [&](Value operand) {
                         auto type = cast<RankedTensorType>(operand.getType());
                         return isParameterOperand(operand) && type.getRank() == rank &&
                                type.getDimSize(0) > 1;
                       }) ||
         refuse(nameOf(op) + " reads a parameter with a dimension for the batch");
}

/// Whether operand `index` of a pointwise epilogue op, next to the value that is being computed,
/// may be read: the same elements of another tensor, or a vector over channels.
bool KernelMatcher::matchEpilogueOperands(Operation *op, Value computed) {
  for (Value operand : op->getOperands()) {
    if (operand == computed) {
      continue;
    }
    auto type = cast<RankedTensorType>(operand.getType());
    auto result = cast<RankedTensorType>(op->getResult(0).getType());
    if (!isa<BlockArgument>(operand)) {
      return refuse(nameOf(op) + " reads " + nameOf(operand.getDefiningOp()) +
                    ", which this kernel cannot compute on the way");
    }
    bool isVector = type.getRank() == 1 && type.getDimSize(0) == result.getShape().back();
    if (!isVector && (type.getShape() != result.getShape() || isParameterOperand(operand))) {
      return refuse(nameOf(op) + " broadcasts an operand");
    }
  }
  return true;
}

bool KernelMatcher::matchEpilogue(Operation *last) {
  while (true) {
    if (!requireOneUse(last)) {
      return false;
    }
    Operation *user = *last->getResult(0).user_begin();
    if (isa<YieldOp>(user)) {
      return true;
    }
    if (!isa<SiluOp, GeluOp, ScaleOp, AddOp, BatchNormOp>(user)) {
      return refuse(nameOf(user) + " does not act element by element on the result of " +
                    nameOf(plan.anchor));
    }
    if (!matchEpilogueOperands(user, last->getResult(0))) {
      return false;
    }
    match(user);
    plan.epilogue.push_back(user);
    last = user;
  }
}

bool KernelMatcher::requireParameters(Operation *op) {
  for (Value parameter : op->getOperands().drop_front()) {
    if (!isa<BlockArgument>(parameter)) {
      return refuse(nameOf(op) + " reads a parameter that the kernel computes");
    }
  }
  return true;
}

/// Follows `value` back through one op that moves data into the anchor's reads.
bool KernelMatcher::matchGather(Value value, function_ref<bool(Operation *)> accepts) {
  Operation *op = value.getDefiningOp();
  if (!op) {
    return true;
  }
  if (!accepts(op)) {
    return refuse(nameOf(op) + " cannot be computed while " + nameOf(plan.anchor) + " reads");
  }
  if (!llvm::all_of(op->getOperands(), [](Value operand) { return isa<BlockArgument>(operand); })) {
    return refuse(nameOf(op) + " must read operands of the kernel");
  }
  match(op);
  plan.prologue.push_back(op);
  return requireOneUse(op);
}

/// A layer norm of which `value` is the result, if it is one; `value` becomes its operand.
bool KernelMatcher::matchRowStatistics(Value &value) {
  if (auto norm = value.getDefiningOp<LayerNormOp>()) {
    if (!requireOneUse(norm) || !requireParameters(norm)) {
      return false;
    }
    plan.rowStatistics = norm;
    match(norm);
    value = norm.getInput();
  }
  return true;
}

// [patch_merge | concat] [layer_norm] -> linear | 1x1 conv2d -> epilogue
bool KernelMatcher::matchGemm(Operation *anchor) {
  plan.family = KernelFamily::Gemm;
  plan.anchor = anchor;
  match(anchor);
  if (!requireParameters(anchor)) {
    return false;
  }
  Value input = anchor->getOperand(0);
  if (!matchRowStatistics(input)) {
    return false;
  }
  auto accepts = [&](Operation *op) {
    return isa<PatchMergeOp>(op) || (isa<ConcatOp>(op) && !plan.rowStatistics);
  };
  return matchGather(input, accepts) && matchEpilogue(anchor) && requireAllMatched();
}

/// [B, C, H, W] to [B, H, W, C].
static bool isToChannelLast(Operation *op) {
  auto permute = dyn_cast<PermuteOp>(op);
  return permute && permute.getPermutation() == ArrayRef<int64_t>{0, 2, 3, 1};
}

// [permute | normalize_image | concat] -> conv2d -> epilogue
bool KernelMatcher::matchConvolution(Conv2DOp anchor) {
  plan.family =
      anchor.isDepthwise() ? KernelFamily::DepthwiseConvolution : KernelFamily::Convolution;
  plan.anchor = anchor;
  match(anchor);
  if (!requireParameters(anchor)) {
    return false;
  }
  auto accepts = [&](Operation *op) {
    return anchor.getGroups() == 1 && (isToChannelLast(op) || isa<NormalizeImageOp, ConcatOp>(op));
  };
  return matchGather(anchor.getInput(), accepts) && matchEpilogue(anchor) && requireAllMatched();
}

// [concat] -> winograd_conv2d -> epilogue
bool KernelMatcher::matchWinograd(WinogradConv2DOp anchor) {
  plan.family = KernelFamily::WinogradConvolution;
  plan.anchor = anchor;
  match(anchor);
  return requireParameters(anchor) &&
         matchGather(anchor.getInput(), [](Operation *op) { return isa<ConcatOp>(op); }) &&
         matchEpilogue(anchor) && requireAllMatched();
}

// matmul -> epilogue
bool KernelMatcher::matchBatchedMatmul(MatmulOp anchor) {
  plan.family = KernelFamily::BatchedMatmul;
  plan.anchor = anchor;
  match(anchor);
  if (anchor.getType().getRank() < 3) {
    return refuse("'matmul' has no dimension for the batch");
  }
  return requireOperand(anchor.getLhs(), anchor) && requireOperand(anchor.getRhs(), anchor) &&
         matchEpilogue(anchor) && requireAllMatched();
}

// layer_norm | softmax | [layer_norm ->] global_avg_pool -> epilogue
bool KernelMatcher::matchRowReduction(ArrayRef<Operation *> reductions) {
  plan.family = KernelFamily::RowReduction;
  plan.anchor = reductions.back();
  Value input = plan.anchor->getOperand(0);
  if (isa<GlobalAvgPoolOp>(plan.anchor) && !matchRowStatistics(input)) {
    return false;
  }
  match(plan.anchor);
  Operation *first = plan.rowStatistics ? plan.rowStatistics.getOperation() : plan.anchor;
  return requireOperand(first->getOperand(0), first) && requireParameters(plan.anchor) &&
         matchEpilogue(plan.anchor) && requireAllMatched();
}

bool KernelMatcher::matchElementwise() {
  plan.family = KernelFamily::Elementwise;
  plan.movesOnly = true;
  for (Operation &op : kernel.getBodyBlock()->without_terminator()) {
    if (!isElementwise(&op)) {
      return refuse(nameOf(&op) + " has no kernel");
    }
    if (op.hasTrait<Pointwise>() && !isa<AddWindowBiasOp>(op) && !requireNoBatch(&op)) {
      return false;
    }
    plan.movesOnly &= movesData(&op);
  }
  return true;
}

bool KernelMatcher::match() {
  SmallVector<Operation *> products, reductions;
  SmallVector<MatmulOp> matmuls;
  for (Operation &op : kernel.getBodyBlock()->without_terminator()) {
    if (auto matmul = dyn_cast<MatmulOp>(op)) {
      matmuls.push_back(matmul);
    } else if (isa<WorkOpInterface>(op)) {
      products.push_back(&op);
    } else if (isa<LayerNormOp, SoftmaxOp, GlobalAvgPoolOp>(op)) {
      reductions.push_back(&op);
    }
    if (auto work = dyn_cast<WorkOpInterface>(op)) {
      plan.flops += work.getFlops();
    }
  }
  // An attention's matmuls may have a projection after them.
  size_t most = matmuls.empty() ? 3 : matmuls.size() == 1 ? 0 : 1;
  if (products.size() > most) {
    return refuse("a kernel has one linear layer, convolution or attention, not several");
  }
  bool elementwise = products.empty() && matmuls.empty() && reductions.empty();
  if (!elementwise && kernel->getNumResults() != 1) {
    return refuse("a kernel with reductions has one result");
  }
  if (elementwise) {
    return matchElementwise();
  }
  if (matmuls.size() > 1) {
    return matchAttention(matmuls, products.empty() ? nullptr : products.front());
  }
  if (!matmuls.empty()) {
    return matchBatchedMatmul(matmuls.front());
  }
  if (products.empty()) {
    return matchRowReduction(reductions);
  }
  if (products.size() > 2) {
    return matchInvertedResidual(products);
  }
  if (products.size() > 1) {
    return matchMlp(products);
  }
  if (auto winograd = dyn_cast<WinogradConv2DOp>(products.front())) {
    return matchWinograd(winograd);
  }
  auto convolution = dyn_cast<Conv2DOp>(products.front());
  // Images are read by convolutions, pointwise ones too: only those copy what they read.
  Operation *source = convolution ? convolution.getInput().getDefiningOp() : nullptr;
  bool gemm = isGemm(products.front()) && !isa_and_nonnull<PermuteOp, NormalizeImageOp>(source);
  return gemm ? matchGemm(products.front()) : matchConvolution(convolution);
}

FailureOr<KernelPlan> oriel::planKernel(KernelOp op, std::string *refusal) {
  KernelMatcher matcher(op);
  if (matcher.match()) {
    return matcher.takePlan();
  }
  if (refusal) {
    *refusal = matcher.getRefusal();
  }
  return failure();
}
