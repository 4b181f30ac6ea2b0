//===- MatchAttention.cpp - Attention with its window movement ------------===//
//
//   [roll] [window_partition | unfold_patches] -> split_heads -> q, k, v
//   [scale] matmul(q, k^T) [scale] [add | add_window_bias] softmax -> p
//   matmul(p, v) -> merge_heads -> [window_reverse | fold_patches] [roll]
//   [linear | 1x1 conv2d -> epilogue]
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelMatcher.h"

using namespace mlir;
using namespace oriel;

void KernelMatcher::multiplyScale(ScaleOp op) {
  plan.attention.scale *= op.getFactor().convertToDouble();
  match(op);
}

/// One of q, k and v, back to the operand it is read from.
bool KernelMatcher::matchHeads(Value value, SplitHeadsOp &split,
                               SmallVectorImpl<Operation *> &maps) {
  split = value.getDefiningOp<SplitHeadsOp>();
  if (!split) {
    return refuse("attention reads q, k and v from 'split_heads'");
  }
  match(split);
  Value tokens = split.getInput();
  if (Operation *cut = tokens.getDefiningOp();
      isa_and_present<WindowPartitionOp, UnfoldPatchesOp>(cut)) {
    match(cut);
    maps.insert(maps.begin(), cut);
    tokens = cut->getOperand(0);
    if (auto roll = tokens.getDefiningOp<RollOp>()) {
      match(roll);
      maps.insert(maps.begin(), roll);
      tokens = roll.getInput();
    }
  }
  return requireOperand(tokens, split);
}

/// The scores that softmax reads: [bias] [scale] matmul of [scale] q and k.
bool KernelMatcher::matchScores(Value scores) {
  AttentionPlan &attention = plan.attention;
  if (Operation *op = scores.getDefiningOp(); isa_and_present<AddOp, AddWindowBiasOp>(op)) {
    attention.bias = op;
    match(op);
    auto shape = cast<RankedTensorType>(op->getOperand(1).getType()).getShape();
    bool isTable = isa<AddWindowBiasOp>(op) || shape.size() < 5;
    if (!isa<BlockArgument>(op->getOperand(1)) || !isTable || !requireOneUse(op)) {
      return refuse("the table that " + nameOf(op) + " adds to attention scores is no parameter");
    }
    scores = op->getOperand(0);
  }
  if (auto scale = scores.getDefiningOp<ScaleOp>()) {
    if (!requireOneUse(scale)) {
      return false;
    }
    multiplyScale(scale);
    scores = scale.getInput();
  }
  attention.scores = scores.getDefiningOp<MatmulOp>();
  if (!attention.scores || !attention.scores.getTransposeRhs()) {
    return refuse("softmax must read the product q k^T");
  }
  match(attention.scores);
  Value query = attention.scores.getLhs();
  if (auto scale = query.getDefiningOp<ScaleOp>()) {
    multiplyScale(scale);
    query = scale.getInput();
  }
  return requireOneUse(attention.scores) &&
         matchHeads(query, attention.query, attention.queryMaps) &&
         matchHeads(attention.scores.getRhs(), attention.key, attention.keyMaps);
}

/// The linear layer that mixes the heads, of which `rows` are merged, and its epilogue.
bool KernelMatcher::matchProjection(Operation *projection, Value rows) {
  plan.family = KernelFamily::AttentionProjection;
  plan.anchor = projection;
  if (!isGemm(projection)) {
    return refuse(nameOf(projection) + " does not act row by row on the result of attention");
  }
  if (projection->getOperand(0) != rows) {
    return refuse(nameOf(projection) + " reads the result of attention as a parameter");
  }
  match(projection);
  return requireParameters(projection) && matchEpilogue(projection);
}

/// merge_heads and the index maps behind it, up to the result or the projection.
bool KernelMatcher::matchMerge(Operation *projection) {
  AttentionPlan &attention = plan.attention;
  attention.merge = dyn_cast<MergeHeadsOp>(*attention.output->getUsers().begin());
  if (!attention.merge) {
    return refuse("the product with v must go to 'merge_heads'");
  }
  Operation *last = attention.merge;
  match(last);
  while (true) {
    if (!requireOneUse(last)) {
      return false;
    }
    Operation *user = *last->getUsers().begin();
    if (isa<YieldOp>(user)) {
      return true;
    }
    if (user == projection) {
      return matchProjection(projection, last->getResult(0));
    }
    bool isJoin = isa<WindowReverseOp, FoldPatchesOp>(user) && attention.outputMaps.empty();
    bool isRoll = isa<RollOp>(user) && attention.outputMaps.size() == 1;
    if (!isJoin && !isRoll) {
      return refuse(nameOf(user) + " cannot be computed while attention stores its result");
    }
    match(user);
    attention.outputMaps.push_back(user);
    last = user;
  }
}

bool KernelMatcher::matchAttention(ArrayRef<MatmulOp> matmuls, Operation *projection) {
  plan.family = KernelFamily::Attention;
  if (matmuls.size() != 2) {
    return refuse("attention has two matrix products, not " + Twine(matmuls.size()));
  }
  AttentionPlan &attention = plan.attention;
  attention.output = matmuls[1];
  match(attention.output);
  attention.softmax = attention.output.getLhs().getDefiningOp<SoftmaxOp>();
  if (!attention.softmax || attention.output.getTransposeRhs() ||
      !requireOneUse(attention.softmax) || !requireOneUse(attention.output)) {
    return refuse("two matrix products without a softmax between them");
  }
  match(attention.softmax);
  bool fits = matchScores(attention.softmax.getInput()) &&
              matchHeads(attention.output.getRhs(), attention.value, attention.valueMaps) &&
              matchMerge(projection) && requireAllMatched();
  if (!plan.anchor) {
    plan.anchor = attention.scores;
  }
  return fits;
}
