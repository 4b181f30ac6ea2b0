//===- ErrorBounds.cpp - Forward error analysis of functions --------------===//

#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/OpBounds.h"
#include "compiler/Reference/OpEvaluation.h"
#include "runtime/format/Float16.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace oriel;

using BoundedTensors = std::vector<BoundedTensor>;

static BoundedTensor makeExact(Tensor value) {
  Tensor bound = Tensor::zeros(value.shape);
  return {std::move(value), std::move(bound)};
}

static BoundedTensors makeExact(ArrayRef<Tensor> values) {
  BoundedTensors exact;
  for (const Tensor &value : values) {
    exact.push_back(makeExact(value));
  }
  return exact;
}

namespace {

class BoundedInterpreter {
public:
  explicit BoundedInterpreter(const ParameterSource *parameters,
                              Rounding rounding = Rounding::Worst)
      : parameters(parameters), rounding(rounding) {}

  FailureOr<BoundedTensors> runBlock(Block &block, BoundedTensors arguments);

  /// What `oriel.store_prepared` has stored.
  llvm::StringMap<BoundedTensor> prepared;

private:
  FailureOr<BoundedTensors> runOp(Operation &op, BoundedTensors operands);
  FailureOr<BoundedTensors> compute(Operation &op, const BoundedTensors &operands);
  FailureOr<BoundedTensors> read(ParamOp op);

  /// Null where the block may not read parameters.
  const ParameterSource *parameters;
  Rounding rounding;
};

} // namespace

FailureOr<BoundedTensors> BoundedInterpreter::read(ParamOp op) {
  Tensor tensor = Tensor::zeros(cast<RankedTensorType>(op.getType()).getShape());
  if (!parameters || parameters->lookup(op.getName()) != tensor.shape) {
    return op.emitError("there is no parameter '") << op.getName() << "' of " << op.getType();
  }
  if (llvm::Error error = parameters->read(op.getName(), tensor.values.data())) {
    return op.emitError(llvm::toString(std::move(error)));
  }
  return BoundedTensors{makeExact(std::move(tensor))};
}

FailureOr<BoundedTensors> BoundedInterpreter::compute(Operation &op,
                                                      const BoundedTensors &operands) {
  SmallVector<const BoundedTensor *> pointers;
  SmallVector<const Tensor *> values;
  for (const BoundedTensor &operand : operands) {
    pointers.push_back(&operand);
    values.push_back(&operand.value);
  }
  std::optional<Tensor> value = evaluate(&op, values);
  std::optional<Tensor> bound = value ? boundOf({&op, pointers, *value, rounding}) : std::nullopt;
  if (!bound) {
    return op.emitError("no error bound is known for this op");
  }
  for (float &element : bound->values) {
    element = element * (1 + 0x1p-10f) + float(smallestNormal);
  }
  return BoundedTensors{{std::move(*value), std::move(*bound)}};
}

FailureOr<BoundedTensors> BoundedInterpreter::runOp(Operation &op, BoundedTensors operands) {
  return llvm::TypeSwitch<Operation *, FailureOr<BoundedTensors>>(&op)
      .Case([&](ParamOp param) { return read(param); })
      .Case([&](PreparedOp entry) -> FailureOr<BoundedTensors> {
        auto found = prepared.find(entry.getName());
        if (found == prepared.end()) {
          return entry.emitError("@prepare stores no '") << entry.getName() << "'";
        }
        return BoundedTensors{found->second};
      })
      .Case([&](StorePreparedOp store) {
        prepared[store.getName()] = std::move(operands.front());
        return BoundedTensors{};
      })
      .Case([&](KernelOp kernel) { return runBlock(*kernel.getBodyBlock(), std::move(operands)); })
      .Default([&](Operation *other) { return compute(*other, operands); });
}

FailureOr<BoundedTensors> BoundedInterpreter::runBlock(Block &block, BoundedTensors arguments) {
  llvm::DenseMap<Value, BoundedTensor> values;
  llvm::DenseMap<Value, int64_t> usesLeft;
  auto define = [&](Value value, BoundedTensor tensor) {
    if (!value.use_empty()) {
      values[value] = std::move(tensor);
      usesLeft[value] = std::distance(value.use_begin(), value.use_end());
    }
  };
  // A value is freed with its last use.
  auto take = [&](Operation &op) {
    BoundedTensors taken;
    for (Value operand : op.getOperands()) {
      bool isLast = --usesLeft[operand] == 0;
      taken.push_back(isLast ? std::move(values[operand]) : values[operand]);
    }
    return taken;
  };
  for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments)) {
    define(argument, std::move(tensor));
  }
  for (Operation &op : block.without_terminator()) {
    auto results = runOp(op, take(op));
    if (failed(results)) {
      return failure();
    }
    for (auto [result, tensor] : llvm::zip_equal(op.getResults(), *results)) {
      define(result, std::move(tensor));
    }
  }
  return take(*block.getTerminator());
}

FailureOr<BoundedTensors> oriel::interpretWithBounds(Block &block, ArrayRef<Tensor> arguments) {
  return BoundedInterpreter(nullptr).runBlock(block, makeExact(arguments));
}

FailureOr<BoundedTensors> oriel::interpretWithBounds(Block &block, BoundedTensors arguments,
                                                     Rounding rounding) {
  return BoundedInterpreter(nullptr, rounding).runBlock(block, std::move(arguments));
}

FailureOr<llvm::StringMap<BoundedTensor>>
oriel::interpretPrepareWithBounds(func::FuncOp prepare, const ParameterSource &parameters) {
  BoundedInterpreter interpreter(&parameters);
  if (failed(interpreter.runBlock(prepare.getBody().front(), {}))) {
    return failure();
  }
  return std::move(interpreter.prepared);
}

FailureOr<BoundedTensors> oriel::interpretWithBounds(func::FuncOp function,
                                                     ArrayRef<Tensor> arguments,
                                                     const ParameterSource &parameters) {
  BoundedInterpreter interpreter(&parameters);
  auto prepare = function->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>("prepare");
  if (prepare && failed(interpreter.runBlock(prepare.getBody().front(), {}))) {
    return failure();
  }
  return interpreter.runBlock(function.getBody().front(), makeExact(arguments));
}

static float viaFloat16(float value) { return fromFloat16(toFloat16(value)); }

Tensor oriel::roundToFloat16(Tensor tensor) {
  for (float &value : tensor.values) {
    value = viaFloat16(value);
  }
  return tensor;
}

BoundedTensor oriel::roundToFloat16(BoundedTensor tensor) {
  for (auto [value, bound] : llvm::zip_equal(tensor.value.values, tensor.bound.values)) {
    // The kernel's value is of float32, so it lies between the ends rounded to that.
    auto least = static_cast<float>(double(value) - bound),
         largest = static_cast<float>(double(value) + bound);
    value = viaFloat16(value);
    bound = std::max(value - viaFloat16(least), viaFloat16(largest) - value);
  }
  return tensor;
}
