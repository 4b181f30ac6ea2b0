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

#include "tools/oriel-reduce/GraphReducer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Reducer/Tester.h"

using namespace mlir;
using namespace oriel;

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

  void runOnOperation() override {
    if (!getOperation().lookupSymbol<func::FuncOp>("main")) {
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
    reduceGraph(getOperation(), [&](ModuleOp candidate) {
      return tester.isInteresting(candidate).first == Tester::Interestingness::True;
    });
  }

  Option<std::string> test{*this, "test", llvm::cl::desc("The script")};
  ListOption<std::string> testArguments{*this, "test-arg",
                                        llvm::cl::desc("Arguments of the script before the file")};
};

} // namespace

void oriel::registerReduceGraphPass() { PassRegistration<ReduceGraphPass>(); }
