//===- ReduceGraph.cpp - A smaller graph that is still interesting --------===//
//
// MLIR's pass `reduction-tree` can only erase ops whose results nobody needs: with patterns for the
// rest it applies all of them at once and, where that is not interesting, crashes (22.1). This pass
// knows what a graph is: it lets @main end earlier, then replaces what is computed by parameters or
// by what it is computed from, as long as a script finds the rest interesting. Every step is a
// valid module.
//
//===----------------------------------------------------------------------===//

#include "tools/oriel-reduce/ReduceGraph.h"

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Reducer/Tester.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace oriel;

/// Whether an op of @main computes an activation.
static bool computes(Operation &op) {
  return op.getNumResults() == 1 && !isParameter(op.getResult(0));
}

/// Removes what nobody reads.
static void removeDead(func::FuncOp function) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front()))) {
    if (isOpTriviallyDead(&op)) {
      op.erase();
    }
  }
}

/// Lets @main return what the `index`th of its ops computes, and nothing else.
static bool returnResultOf(func::FuncOp function, size_t index) {
  Operation &op = *std::next(function.getBody().front().begin(), static_cast<ptrdiff_t>(index));
  if (!computes(op)) {
    return false;
  }
  function.getBody().front().getTerminator()->setOperands(op.getResult(0));
  function.setFunctionType(
      FunctionType::get(function.getContext(), function.getArgumentTypes(), op.getResultTypes()));
  return true;
}

// f(...) -> a parameter of its type, the same for all of a type
static bool replaceByParameter(func::FuncOp function, size_t index) {
  Operation &op = *std::next(function.getBody().front().begin(), static_cast<ptrdiff_t>(index));
  auto type = computes(op) ? dyn_cast<RankedTensorType>(op.getResult(0).getType()) : nullptr;
  if (!type) {
    return false;
  }
  std::string name = "reduced";
  for (int64_t size : type.getShape()) {
    name += "." + std::to_string(size);
  }
  OpBuilder builder(&op);
  op.replaceAllUsesWith(ValueRange(ParamOp::create(builder, op.getLoc(), type, name)));
  return true;
}

// f(x, ...) -> x where the types are the same
static bool bypass(func::FuncOp function, size_t index) {
  Operation &op = *std::next(function.getBody().front().begin(), static_cast<ptrdiff_t>(index));
  if (!computes(op) || op.getNumOperands() == 0 ||
      op.getOperand(0).getType() != op.getResult(0).getType()) {
    return false;
  }
  op.replaceAllUsesWith(ValueRange(op.getOperand(0)));
  return true;
}

/// Removes an argument of @main that nobody reads.
static bool eraseArgument(func::FuncOp function, size_t index) {
  return index < function.getNumArguments() && function.getNumArguments() > 1 &&
         function.getArgument(static_cast<unsigned>(index)).use_empty() &&
         succeeded(function.eraseArgument(static_cast<unsigned>(index)));
}

namespace {

struct ReduceGraphPass : PassWrapper<ReduceGraphPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReduceGraphPass)

  ReduceGraphPass() = default;
  ReduceGraphPass(const ReduceGraphPass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "reduce-graph"; }
  StringRef getDescription() const final {
    return "make a graph smaller while a script that gets its file finds it interesting, which it "
           "says by an exit code other than 0";
  }

  using Step = bool (*)(func::FuncOp function, size_t index);

  void runOnOperation() override {
    if (!getMain(getOperation())) {
      getOperation().emitError(
          "there is no func.func @main to reduce: give a module of phase graph "
          "or fused");
      return signalPassFailure();
    }
    std::vector<std::string> arguments(testArguments.begin(), testArguments.end());
    Tester tester(test, arguments);
    if (tester.isInteresting(getOperation()).first != Tester::Interestingness::True) {
      getOperation().emitError("the script does not find the file interesting: ") << test;
      return signalPassFailure();
    }
    // The shortest first: all that follows is then cheap.
    for (size_t index = 0; index + 1 < countOps(); ++index) {
      if (attempt(returnResultOf, index, tester)) {
        break;
      }
    }
    for (Step step : {replaceByParameter, bypass}) {
      for (size_t index = countOps(); index-- > 0;) {
        // An accepted step may have removed ops behind.
        if (index < countOps()) {
          attempt(step, index, tester);
        }
      }
    }
    for (size_t index = getMain(getOperation()).getNumArguments(); index-- > 0;) {
      attempt(eraseArgument, index, tester);
    }
  }

  func::FuncOp getMain(ModuleOp module) { return module.lookupSymbol<func::FuncOp>("main"); }

  /// Ops of @main; 0 where there is none.
  size_t countOps() {
    auto main = getMain(getOperation());
    return main ? main.getBody().front().getOperations().size() : 0;
  }

  /// Does a step where what is left is smaller, valid and interesting.
  bool attempt(Step step, size_t index, const Tester &tester) {
    OwningOpRef<ModuleOp> copy(getOperation().clone());
    func::FuncOp main = getMain(*copy);
    if (!step(main, index)) {
      return false;
    }
    removeDead(main);
    ScopedDiagnosticHandler quiet(&getContext(), [](Diagnostic &) { return success(); });
    if (main.getBody().front().getOperations().size() > countOps() || failed(verify(*copy)) ||
        tester.isInteresting(*copy).first != Tester::Interestingness::True) {
      return false;
    }
    getOperation().getBodyRegion().takeBody(copy->getBodyRegion());
    return true;
  }

  Option<std::string> test{*this, "test", llvm::cl::desc("The script")};
  ListOption<std::string> testArguments{*this, "test-arg",
                                        llvm::cl::desc("Arguments of the script before the file")};
};

} // namespace

void oriel::registerReduceGraphPass() { PassRegistration<ReduceGraphPass>(); }
