//===- PackParameters.cpp - Parameters in panels --------------------------===//
//
// Kernels read weights in panels (#oriel.panels). The pack op stays outside of the kernel, to be
// hoisted.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_PACKPARAMETERSPASS
#include "compiler/Transforms/Passes.h.inc"

/// Whether a kernel's op reads this operand, a weight or a vector by channel, in panels.
static bool readsPanels(OpOperand &use) {
  return isa<LinearOp, Conv2DOp, WinogradConv2DOp, LayerNormOp, BatchNormOp>(use.getOwner()) &&
         use.getOperandNumber() > 0;
}

static bool isDepthwiseFilter(OpOperand &use) {
  auto conv = dyn_cast<Conv2DOp>(use.getOwner());
  return conv && conv.isDepthwise() && use.get() == conv.getFilter();
}

/// Packs the parameter behind an argument of a kernel if all of its uses read panels, of one form.
static void packArgument(KernelOp kernel, BlockArgument argument) {
  OpOperand &operand = kernel->getOpOperand(argument.getArgNumber());
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!isParameter(operand.get()) || type.getEncoding() || argument.use_empty() ||
      !llvm::all_of(argument.getUses(), readsPanels)) {
    return;
  }
  bool depthwise = isDepthwiseFilter(*argument.use_begin());
  if (llvm::any_of(argument.getUses(),
                   [&](OpOperand &use) { return isDepthwiseFilter(use) != depthwise; })) {
    return;
  }
  OpBuilder builder(kernel);
  Value packed = PackOp::create(builder, operand.get().getLoc(), operand.get(), depthwise);
  operand.set(packed);
  argument.setType(packed.getType());
}

namespace {

// kernel(w) { f(x, w) } = kernel(pack(w)) { f(x, w) }: pack is the identity on values
struct PackParametersPass : impl::PackParametersPassBase<PackParametersPass> {
  void runOnOperation() override {
    getOperation().walk([](KernelOp kernel) {
      for (BlockArgument argument : kernel.getBodyBlock()->getArguments()) {
        packArgument(kernel, argument);
      }
    });
  }
};

} // namespace
} // namespace oriel
