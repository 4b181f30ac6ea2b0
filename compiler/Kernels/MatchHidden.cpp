//===- MatchHidden.cpp - Products that feed each other in scratch ---------===//

#include "compiler/Kernels/KernelMatcher.h"

using namespace mlir;
using namespace oriel;

// product -> (silu | gelu)... -> next
bool KernelMatcher::matchHidden(Operation *product, Operation *next) {
  HiddenProduct hidden{product, {}};
  Operation *op = next->getOperand(0).getDefiningOp();
  while (isa_and_present<SiluOp, GeluOp>(op) && requireOneUse(op)) {
    match(op);
    hidden.activations.insert(hidden.activations.begin(), op);
    op = op->getOperand(0).getDefiningOp();
  }
  if (op != product || hidden.activations.empty()) {
    return refuse(nameOf(next) + " must read an activation of " + nameOf(product));
  }
  match(product);
  plan.hidden.push_back(std::move(hidden));
  return requireOneUse(product) && requireParameters(product);
}

static bool isPointwiseConvolution(Operation *op) {
  auto convolution = dyn_cast<Conv2DOp>(op);
  return convolution && convolution.isPointwise();
}

static bool isDepthwiseConvolution(Operation *op) {
  auto convolution = dyn_cast<Conv2DOp>(op);
  return convolution && convolution.isDepthwise() && !convolution.isPointwise();
}

// 1x1 conv2d -> silu | gelu -> depthwise conv2d -> silu | gelu -> 1x1 conv2d -> epilogue
bool KernelMatcher::matchInvertedResidual(ArrayRef<Operation *> products) {
  plan.family = KernelFamily::InvertedResidual;
  plan.anchor = products[2];
  if (!isPointwiseConvolution(products[0]) || !isDepthwiseConvolution(products[1]) ||
      !isPointwiseConvolution(products[2])) {
    return refuse("a kernel has one linear layer, convolution or attention, not several");
  }
  match(plan.anchor);
  return requireParameters(plan.anchor) && matchHidden(products[0], products[1]) &&
         matchHidden(products[1], plan.anchor) &&
         requireOperand(products[0]->getOperand(0), products[0]) && matchEpilogue(plan.anchor) &&
         requireAllMatched();
}

// [layer_norm] -> linear | 1x1 conv2d -> silu | gelu -> linear | 1x1 conv2d -> epilogue
bool KernelMatcher::matchMlp(ArrayRef<Operation *> products) {
  plan.family = KernelFamily::Mlp;
  plan.anchor = products[1];
  if (!llvm::all_of(products, isGemm)) {
    return refuse("a kernel has one linear layer, convolution or attention, not several");
  }
  match(plan.anchor);
  if (!requireParameters(plan.anchor) || !matchHidden(products[0], plan.anchor)) {
    return false;
  }
  Value input = products[0]->getOperand(0);
  return matchRowStatistics(input) && requireOperand(input, products[0]) &&
         matchEpilogue(plan.anchor) && requireAllMatched();
}
