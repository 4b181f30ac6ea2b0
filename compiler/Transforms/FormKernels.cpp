//===- FormKernels.cpp - A kernel for everything that is left -------------===//
//
// After the fusions, every op that computes gets a kernel; chains of pointwise ops share one.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Fusion.h"
#include "compiler/Transforms/Passes.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_FORMKERNELSPASS
#include "compiler/Transforms/Passes.h.inc"

static bool computes(Operation &op) {
  return !isa<KernelOp>(op) && op.getNumResults() == 1 && !isParameter(op.getResult(0)) &&
         !op.hasTrait<OpTrait::IsTerminator>();
}

static bool isPointwise(Operation &op) { return op.hasTrait<Pointwise>() || isa<BatchNormOp>(op); }

/// The kernel of pointwise ops alone that is the op's only reader, or null.
static KernelOp getPointwiseReader(Operation &op) {
  if (!isPointwise(op) || op.use_empty()) {
    return {};
  }
  auto kernel = dyn_cast<KernelOp>(*op.user_begin());
  bool isOnly = llvm::all_of(op.getUsers(), [&](Operation *user) { return user == kernel; });
  return isOnly && kernel && llvm::all_of(kernel.getBodyBlock()->without_terminator(), isPointwise)
             ? kernel
             : KernelOp();
}

namespace {

// f(x) = kernel(x) { f(x) };  f(g(x)) = kernel(x) { f(g(x)) } for pointwise f, g
struct FormKernelsPass : impl::FormKernelsPassBase<FormKernelsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // From the last op on, so that what reads an op is in a kernel already.
    Operation *op = &getOperation().getBody().front().back();
    while (op) {
      Operation *previous = op->getPrevNode();
      if (computes(*op) && failed(formKernel(*op, rewriter))) {
        return signalPassFailure();
      }
      op = previous;
    }
  }

  LogicalResult formKernel(Operation &op, IRRewriter &rewriter) {
    std::string refusal;
    if (KernelOp reader = getPointwiseReader(op)) {
      if (succeeded(fuse(rewriter, {&op, reader}, getArgument()))) {
        return success();
      }
    }
    if (failed(fuse(rewriter, &op, getArgument(), &refusal))) {
      return op.emitOpError("cannot be computed: ") << refusal;
    }
    return success();
  }
};

} // namespace
} // namespace oriel
