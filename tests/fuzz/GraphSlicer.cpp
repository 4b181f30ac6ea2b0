//===- GraphSlicer.cpp - Cuts ops out of a graph --------------------------===//

#include "tests/fuzz/GraphShrinker.h"

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

static func::FuncOp getMain(ModuleOp module) { return module.lookupSymbol<func::FuncOp>("main"); }

static bool isActivation(Operation &op) {
  return op.getNumResults() == 1 && !isParameter(op.getResult(0));
}

int64_t fuzz::countOps(ModuleOp graph) {
  return llvm::count_if(getMain(graph).getBody().front(), isActivation);
}

/// The op at a position of @main's block.
static Operation *opAt(func::FuncOp main, int64_t position) {
  return &*std::next(main.getBody().front().begin(), position);
}

/// Erases what nothing uses, arguments included, and mends the function's type.
static void removeUnused(func::FuncOp main) {
  Block &body = main.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body))) {
    if (op.use_empty() && !op.hasTrait<OpTrait::IsTerminator>()) {
      op.erase();
    }
  }
  body.eraseArguments([](BlockArgument argument) { return argument.use_empty(); });
  main.setFunctionType(FunctionType::get(main.getContext(), body.getArgumentTypes(),
                                         body.getTerminator()->getOperandTypes()));
}

/// A cut: changes @main at an op, or says that it does not apply.
using Cut = bool (*)(func::FuncOp main, Operation *op, unsigned operand);

/// The op's result becomes the only one of @main.
static bool endHere(func::FuncOp main, Operation *op, unsigned) {
  Operation *last = main.getBody().front().getTerminator();
  if (!isActivation(*op) ||
      (last->getNumOperands() == 1 && last->getOperand(0) == op->getResult(0))) {
    return false;
  }
  last->setOperands(op->getResult(0));
  return true;
}

/// An input takes the place of the op, unless it only gives a result.
static bool replaceByInput(func::FuncOp main, Operation *op, unsigned) {
  if (!isActivation(*op) || llvm::all_of(op->getUsers(), llvm::IsaPred<func::ReturnOp>)) {
    return false;
  }
  Value input = main.getBody().front().addArgument(op->getResult(0).getType(), op->getLoc());
  op->getResult(0).replaceUsesWithIf(
      input, [](OpOperand &use) { return !isa<func::ReturnOp>(use.getOwner()); });
  return true;
}

/// An operand of the same type takes the place of the op.
static bool replaceByOperand(func::FuncOp, Operation *op, unsigned operand) {
  if (!isActivation(*op) || operand >= op->getNumOperands() ||
      op->getOperand(operand).getType() != op->getResult(0).getType() ||
      isParameter(op->getOperand(operand)) ||
      (isa<BlockArgument>(op->getOperand(operand)) &&
       llvm::any_of(op->getUsers(), llvm::IsaPred<func::ReturnOp>))) {
    return false;
  }
  op->getResult(0).replaceAllUsesWith(op->getOperand(operand));
  return true;
}

/// Leaves out an optional bias.
static bool dropBias(func::FuncOp, Operation *op, unsigned operand) {
  if (operand != 2 || !isa<LinearOp, Conv2DOp>(op) || op->getNumOperands() < 3) {
    return false;
  }
  op->eraseOperand(2);
  return true;
}

/// The graph after the cut if that fails, else null.
static OwningOpRef<ModuleOp> tryCut(ModuleOp graph, Cut cut, int64_t position, unsigned operand,
                                    const StillFails &stillFails) {
  OwningOpRef<ModuleOp> copy(graph.clone());
  func::FuncOp main = getMain(*copy);
  if (!cut(main, opAt(main, position), operand)) {
    return {};
  }
  removeUnused(main);
  bool fails = main.getNumArguments() > 0 && stillFails(*copy);
  return fails ? std::move(copy) : OwningOpRef<ModuleOp>();
}

OwningOpRef<ModuleOp> fuzz::sliceGraph(ModuleOp graph, const StillFails &stillFails) {
  OwningOpRef<ModuleOp> best(graph.clone()), used(graph.clone());
  removeUnused(getMain(*used));
  if (getMain(*used).getNumArguments() > 0 && stillFails(*used)) {
    best = std::move(used);
  }
  bool isSmaller = true;
  auto tryAll = [&](Cut cut, bool fromFirst, unsigned operands) {
    auto size = static_cast<int64_t>(getMain(*best).getBody().front().getOperations().size()) - 1;
    for (int64_t i = 0; i < size; ++i) {
      for (unsigned operand = 0; operand < operands; ++operand) {
        // Cuts leave fewer ops behind.
        int64_t position = fromFirst ? i : size - 1 - i;
        auto count = static_cast<int64_t>(getMain(*best).getBody().front().getOperations().size());
        if (position >= count - 1) {
          continue;
        }
        if (auto cutGraph = tryCut(*best, cut, position, operand, stillFails)) {
          best = std::move(cutGraph);
          isSmaller = true;
        }
      }
    }
  };
  while (isSmaller) {
    isSmaller = false;
    tryAll(endHere, /*fromFirst=*/true, 1);
    tryAll(replaceByInput, /*fromFirst=*/false, 1);
    tryAll(replaceByOperand, /*fromFirst=*/false, 3);
    tryAll(dropBias, /*fromFirst=*/false, 3);
  }
  return best;
}
