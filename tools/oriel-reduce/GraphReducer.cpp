//===- GraphReducer.cpp - A smaller graph that is still interesting -------===//

#include "tools/oriel-reduce/GraphReducer.h"

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace oriel;

static func::FuncOp getMain(ModuleOp module) { return module.lookupSymbol<func::FuncOp>("main"); }

/// The ops of @main, those of its kernels too, in the order of the text.
static SmallVector<Operation *> opsOf(ModuleOp module) {
  SmallVector<Operation *> ops;
  if (func::FuncOp main = getMain(module)) {
    main.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
  }
  return ops;
}

/// Whether an op computes an activation.
static bool computes(Operation *op) {
  return op->getNumResults() == 1 && !isParameter(op->getResult(0));
}

static void removeDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (isOpTriviallyDead(&op)) {
      op.erase();
    } else if (auto kernel = dyn_cast<KernelOp>(op)) {
      removeDeadOps(*kernel.getBodyBlock());
      for (unsigned i = kernel.getBodyBlock()->getNumArguments(); i-- > 0;) {
        if (kernel.getBodyBlock()->getArgument(i).use_empty()) {
          kernel.getBodyBlock()->eraseArgument(i);
          kernel->eraseOperand(i);
        }
      }
    }
  }
}

void oriel::removeUnused(ModuleOp module) {
  func::FuncOp main = getMain(module);
  removeDeadOps(main.getBody().front());
  auto prepare = module.lookupSymbol<func::FuncOp>("prepare");
  if (!prepare) {
    return;
  }
  llvm::StringSet<> used;
  main.walk([&](PreparedOp op) { used.insert(op.getName()); });
  for (auto store : llvm::make_early_inc_range(prepare.getOps<StorePreparedOp>())) {
    if (!used.contains(store.getName())) {
      store.erase();
    }
  }
  removeDeadOps(prepare.getBody().front());
  if (used.empty()) {
    prepare.erase();
  }
}

/// Lets @main return what an op of its own computes, and nothing else.
static bool returnResultOf(func::FuncOp main, Operation *op) {
  if (!computes(op) || op->getParentOp() != main) {
    return false;
  }
  main.getBody().front().getTerminator()->setOperands(op->getResult(0));
  main.setFunctionType(
      FunctionType::get(main.getContext(), main.getArgumentTypes(), op->getResultTypes()));
  return true;
}

// f(...) -> a parameter of its type, the same for all of a type
static bool replaceByParameter(func::FuncOp main, Operation *op) {
  auto type = computes(op) ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : nullptr;
  if (!type || op->getParentOp() != main) {
    return false;
  }
  std::string name = "reduced";
  for (int64_t size : type.getShape()) {
    name += "." + std::to_string(size);
  }
  OpBuilder builder(op);
  op->replaceAllUsesWith(ValueRange(ParamOp::create(builder, op->getLoc(), type, name)));
  return true;
}

// f(x, ...) -> x where the types are the same
static bool bypass(func::FuncOp, Operation *op) {
  if (!computes(op) || op->getNumOperands() == 0 ||
      op->getOperand(0).getType() != op->getResult(0).getType()) {
    return false;
  }
  op->replaceAllUsesWith(ValueRange(op->getOperand(0)));
  return true;
}

namespace {

class GraphReducer {
public:
  GraphReducer(ModuleOp module, function_ref<bool(ModuleOp)> isInteresting)
      : module(module), isInteresting(isInteresting) {}

  void run();

private:
  /// Changes a copy, or says that it does not apply.
  bool attempt(function_ref<bool(ModuleOp copy)> change);
  bool attempt(bool (*step)(func::FuncOp main, Operation *op), size_t index) {
    return attempt([&](ModuleOp copy) { return step(getMain(copy), opsOf(copy)[index]); });
  }

  ModuleOp module;
  function_ref<bool(ModuleOp)> isInteresting;
};

} // namespace

/// Does a change where what is left is no larger, valid and interesting.
bool GraphReducer::attempt(function_ref<bool(ModuleOp copy)> change) {
  OwningOpRef<ModuleOp> copy(module.clone());
  if (!change(*copy)) {
    return false;
  }
  removeUnused(*copy);
  ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &) { return success(); });
  if (opsOf(*copy).size() > opsOf(module).size() || failed(verify(*copy)) ||
      !isInteresting(*copy)) {
    return false;
  }
  module.getBodyRegion().takeBody(copy->getBodyRegion());
  return true;
}

void GraphReducer::run() {
  // The shortest first: all that follows is then cheap.
  for (size_t index = 0; index + 1 < opsOf(module).size(); ++index) {
    if (attempt(returnResultOf, index)) {
      break;
    }
  }
  for (auto *step : {replaceByParameter, bypass}) {
    for (size_t index = opsOf(module).size(); index-- > 0;) {
      // An accepted step may have removed ops behind.
      if (index < opsOf(module).size()) {
        attempt(step, index);
      }
    }
  }
  for (unsigned index = getMain(module).getNumArguments(); index-- > 0;) {
    attempt([&](ModuleOp copy) {
      func::FuncOp main = getMain(copy);
      return main.getNumArguments() > 1 && main.getArgument(index).use_empty() &&
             succeeded(main.eraseArgument(index));
    });
  }
}

void oriel::reduceGraph(ModuleOp module, function_ref<bool(ModuleOp)> isInteresting) {
  GraphReducer(module, isInteresting).run();
}
