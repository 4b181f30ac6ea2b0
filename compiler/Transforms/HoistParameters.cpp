//===- HoistParameters.cpp - What depends on parameters alone -------------===//
//
// Parameter arithmetic moves into @prepare, which is run when the model is compiled; what is left
// reads its results by name from the module's parameter block.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace oriel {
#define GEN_PASS_DEF_HOISTPARAMETERSPASS
#include "compiler/Transforms/Passes.h.inc"

static constexpr StringLiteral prepareName = "prepare";

/// The name of the first tensor of the weights file that a parameter is computed from, operand by
/// operand; "" if none.
static StringRef getSourceName(Value parameter) {
  Operation *op = parameter.getDefiningOp();
  if (auto source = dyn_cast<ParamOp>(op)) {
    return source.getName();
  }
  for (Value operand : op->getOperands()) {
    if (StringRef name = getSourceName(operand); !name.empty()) {
      return name;
    }
  }
  return {};
}

/// Whether nothing of a parameter has been hoisted before.
static bool isComputedHere(Value parameter) {
  Operation *op = parameter.getDefiningOp();
  return !isa<PreparedOp>(op) && llvm::all_of(op->getOperands(), isComputedHere);
}

namespace {

struct HoistParametersPass : impl::HoistParametersPassBase<HoistParametersPass> {
  void runOnOperation() override;

private:
  func::FuncOp getOrCreatePrepare();
  std::string makeEntryName(Value parameter);
  Value cloneInto(OpBuilder &builder, Value parameter);
  void hoist(Value parameter, OpBuilder &prepare);

  llvm::StringSet<> entryNames;
  IRMapping hoisted;
};

} // namespace

func::FuncOp HoistParametersPass::getOrCreatePrepare() {
  ModuleOp module = getOperation();
  if (auto prepare = module.lookupSymbol<func::FuncOp>(prepareName)) {
    return prepare;
  }
  auto builder = OpBuilder::atBlockBegin(module.getBody());
  auto prepare =
      func::FuncOp::create(builder, module.getLoc(), prepareName, builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(prepare.addEntryBlock());
  func::ReturnOp::create(builder, module.getLoc());
  return prepare;
}

std::string HoistParametersPass::makeEntryName(Value parameter) {
  std::string base = getSourceName(parameter).str();
  if (base.empty()) {
    base = parameter.getDefiningOp()->getName().stripDialect().str();
  }
  std::string name = base;
  for (unsigned number = 1; !entryNames.insert(name).second; ++number) {
    name = base + "." + std::to_string(number);
  }
  return name;
}

Value HoistParametersPass::cloneInto(OpBuilder &builder, Value parameter) {
  if (Value done = hoisted.lookupOrNull(parameter)) {
    return done;
  }
  Operation *op = parameter.getDefiningOp();
  for (Value operand : op->getOperands()) {
    cloneInto(builder, operand);
  }
  builder.clone(*op, hoisted);
  return hoisted.lookup(parameter);
}

void HoistParametersPass::hoist(Value parameter, OpBuilder &prepare) {
  Value value = cloneInto(prepare, parameter);
  std::string name = makeEntryName(parameter);
  StorePreparedOp::create(prepare, parameter.getLoc(), value, name);
  OpBuilder builder(parameter.getDefiningOp());
  auto prepared = PreparedOp::create(builder, parameter.getLoc(), parameter.getType(), name);
  parameter.replaceUsesWithIf(prepared, [](OpOperand &use) {
    return !llvm::any_of(use.getOwner()->getResults(), isParameter);
  });
}

void HoistParametersPass::runOnOperation() {
  // In the order of first use by what is not itself parameter arithmetic.
  llvm::SetVector<Value> parameters;
  for (auto function : getOperation().getOps<func::FuncOp>()) {
    if (function.getSymName() == prepareName) {
      function.walk([&](StorePreparedOp store) { entryNames.insert(store.getName()); });
      continue;
    }
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (llvm::any_of(op->getResults(), isParameter)) {
        return;
      }
      for (Value operand : op->getOperands()) {
        if (isParameter(operand) && isComputedHere(operand)) {
          parameters.insert(operand);
        }
      }
    });
  }
  if (parameters.empty()) {
    return;
  }
  OpBuilder prepare(getOrCreatePrepare().getBody().front().getTerminator());
  for (Value parameter : parameters) {
    hoist(parameter, prepare);
  }
  // The originals are without uses now, users after what they use.
  for (auto function : getOperation().getOps<func::FuncOp>()) {
    if (function.getSymName() == prepareName) {
      continue;
    }
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front()))) {
      if (op.use_empty() && !isa<PreparedOp>(op) && llvm::any_of(op.getResults(), isParameter)) {
        op.erase();
      }
    }
  }
}

} // namespace oriel
