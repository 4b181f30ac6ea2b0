//===- Interpreter.cpp - The oracle of every other test -------------------===//

#include "compiler/Reference/Interpreter.h"
#include "compiler/Reference/OpEvaluation.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <memory>

using namespace mlir;
using namespace oriel;

namespace {
/// Values are shared, not copied, between a kernel's operands and its block arguments.
using SharedTensor = std::shared_ptr<const Tensor>;
using SharedTensors = SmallVector<SharedTensor>;

/// The live values of one block. A value is freed after its last use.
class LiveValues {
public:
  void define(Value value, SharedTensor tensor) {
    if (!value.use_empty()) {
      values[value] = {std::move(tensor), std::distance(value.use_begin(), value.use_end())};
    }
  }

  /// The operands of an op, whose uses are then over.
  SharedTensors take(Operation &op) {
    SharedTensors taken;
    for (Value operand : op.getOperands()) {
      auto found = values.find(operand);
      assert(found != values.end() && "an operand that was not defined");
      taken.push_back(found->second.tensor);
      if (--found->second.usesLeft == 0) {
        values.erase(found);
      }
    }
    return taken;
  }

private:
  struct LiveValue {
    SharedTensor tensor;
    int64_t usesLeft;
  };
  DenseMap<Value, LiveValue> values;
};

class Interpreter {
public:
  Interpreter(const ParameterSource *parameters, const Observer &observer)
      : parameters(parameters), observer(observer) {}

  FailureOr<SharedTensors> runBlock(Block &block, SharedTensors arguments);
  FailureOr<std::vector<Tensor>> run(Block &block, ArrayRef<Tensor> arguments);
  LogicalResult prepare(func::FuncOp function);

  /// What `oriel.store_prepared` has stored.
  llvm::StringMap<SharedTensor> prepared;

private:
  FailureOr<SharedTensors> runOp(Operation &op, SharedTensors operands);
  FailureOr<Tensor> read(ParamOp op);

  /// Null where the block may not read parameters.
  const ParameterSource *parameters;
  const Observer &observer;
};
} // namespace

FailureOr<Tensor> Interpreter::read(ParamOp op) {
  if (!parameters) {
    return op.emitError("a parameter where the interpreter was given none");
  }
  auto shape = cast<RankedTensorType>(op.getType()).getShape();
  auto found = parameters->lookup(op.getName());
  if (!found || ArrayRef<int64_t>(*found) != shape) {
    return op.emitError("there is no parameter '") << op.getName() << "' of " << op.getType();
  }
  Tensor tensor = Tensor::zeros(shape);
  if (llvm::Error error = parameters->read(op.getName(), tensor.values.data())) {
    return op.emitError(llvm::toString(std::move(error)));
  }
  return tensor;
}

FailureOr<SharedTensors> Interpreter::runOp(Operation &op, SharedTensors operands) {
  return TypeSwitch<Operation *, FailureOr<SharedTensors>>(&op)
      .Case([&](ParamOp param) -> FailureOr<SharedTensors> {
        auto tensor = read(param);
        if (failed(tensor)) {
          return failure();
        }
        return SharedTensors{std::make_shared<Tensor>(std::move(*tensor))};
      })
      .Case([&](PreparedOp entry) -> FailureOr<SharedTensors> {
        auto found = prepared.find(entry.getName());
        if (found == prepared.end()) {
          return entry.emitError("@prepare stores no '") << entry.getName() << "'";
        }
        return SharedTensors{found->second};
      })
      .Case([&](StorePreparedOp store) -> FailureOr<SharedTensors> {
        prepared[store.getName()] = operands.front();
        return SharedTensors{};
      })
      .Case([&](KernelOp kernel) { return runBlock(*kernel.getBodyBlock(), std::move(operands)); })
      .Default([&](Operation *other) -> FailureOr<SharedTensors> {
        SmallVector<const Tensor *> values;
        for (const SharedTensor &operand : operands) {
          values.push_back(operand.get());
        }
        std::optional<Tensor> result = evaluate(other, values);
        if (!result) {
          return other->emitError("the reference interpreter does not know this op");
        }
        return SharedTensors{std::make_shared<Tensor>(std::move(*result))};
      });
}

FailureOr<SharedTensors> Interpreter::runBlock(Block &block, SharedTensors arguments) {
  LiveValues live;
  for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments)) {
    live.define(argument, std::move(tensor));
  }
  arguments.clear();
  for (Operation &op : block.without_terminator()) {
    auto results = runOp(op, live.take(op));
    if (failed(results)) {
      return failure();
    }
    for (auto [value, tensor] : llvm::zip_equal(op.getResults(), *results)) {
      if (observer) {
        observer(value, *tensor);
      }
      live.define(value, std::move(tensor));
    }
  }
  return live.take(*block.getTerminator());
}

FailureOr<std::vector<Tensor>> Interpreter::run(Block &block, ArrayRef<Tensor> arguments) {
  auto fits = [](BlockArgument argument, const Tensor &tensor) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    return type && type.getShape() == ArrayRef<int64_t>(tensor.shape);
  };
  if (!llvm::all_of_zip(block.getArguments(), arguments, fits)) {
    return block.getParentOp()->emitError("the interpreter was given arguments of other shapes");
  }
  SharedTensors shared;
  for (const Tensor &argument : arguments) {
    shared.push_back(std::make_shared<Tensor>(argument));
  }
  auto results = runBlock(block, std::move(shared));
  if (failed(results)) {
    return failure();
  }
  std::vector<Tensor> values;
  for (const SharedTensor &result : *results) {
    values.push_back(*result);
  }
  return values;
}

LogicalResult Interpreter::prepare(func::FuncOp function) {
  return success(succeeded(runBlock(function.getBody().front(), {})));
}

FailureOr<std::vector<Tensor>> oriel::interpret(func::FuncOp function, ArrayRef<Tensor> arguments,
                                                const ParameterSource &parameters,
                                                const Observer &observer) {
  if (!function.getBody().hasOneBlock()) {
    return function.emitError("the interpreter runs functions of one block");
  }
  Interpreter interpreter(&parameters, observer);
  auto prepare = function->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>("prepare");
  if (prepare && prepare != function && failed(interpreter.prepare(prepare))) {
    return failure();
  }
  return interpreter.run(function.getBody().front(), arguments);
}

FailureOr<std::vector<Tensor>> oriel::interpret(Block &block, ArrayRef<Tensor> arguments,
                                                const Observer &observer) {
  return Interpreter(/*parameters=*/nullptr, observer).run(block, arguments);
}

FailureOr<llvm::StringMap<Tensor>> oriel::interpretPrepare(func::FuncOp prepare,
                                                           const ParameterSource &parameters,
                                                           const Observer &observer) {
  Interpreter interpreter(&parameters, observer);
  if (failed(interpreter.prepare(prepare))) {
    return failure();
  }
  llvm::StringMap<Tensor> entries;
  for (auto &[name, tensor] : interpreter.prepared) {
    entries[name] = *tensor;
  }
  return entries;
}
