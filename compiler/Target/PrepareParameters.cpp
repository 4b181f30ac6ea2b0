//===- PrepareParameters.cpp - Runs @prepare ------------------------------===//

#include "compiler/Target/PrepareParameters.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "compiler/Target/ParameterArithmetic.h"
#include "frontend/ParameterSource.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <memory>

using namespace mlir;
using namespace oriel;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

namespace {
class Preparation {
public:
  Preparation(func::FuncOp prepare, const ParameterSource &source) : source(source) {
    prepare.walk([&](StorePreparedOp store) { countUses(store.getValue()); });
  }

  Error store(StorePreparedOp store, ParameterBlockWriter &writer);

private:
  using SharedValues = std::shared_ptr<const ParameterValues>;

  void countUses(Value value);
  Expected<SharedValues> use(Value value);
  Expected<SharedValues> compute(Value value);
  Expected<SharedValues> read(ParamOp param);

  const ParameterSource &source;
  /// Uses of a value on the way to an entry that have not been made yet.
  DenseMap<Value, unsigned> remainingUses;
  /// Values that will be used again.
  DenseMap<Value, SharedValues> computed;
};
} // namespace

void Preparation::countUses(Value value) {
  if (remainingUses[value]++ > 0 || !value.getDefiningOp()) {
    return;
  }
  for (Value operand : value.getDefiningOp()->getOperands()) {
    countUses(operand);
  }
}

/// The values of `value`, for one of its uses.
Expected<Preparation::SharedValues> Preparation::use(Value value) {
  unsigned laterUses = --remainingUses[value];
  if (auto found = computed.find(value); found != computed.end()) {
    SharedValues values = found->second;
    if (laterUses == 0) {
      computed.erase(found);
    }
    return values;
  }
  auto values = compute(value);
  if (values && laterUses > 0) {
    computed[value] = *values;
  }
  return values;
}

Expected<Preparation::SharedValues> Preparation::compute(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op) {
    return createStringError("@prepare has an argument");
  }
  if (auto param = dyn_cast<ParamOp>(op)) {
    return read(param);
  }
  SmallVector<SharedValues> operands;
  SmallVector<ArrayRef<double>> views;
  for (Value operand : op->getOperands()) {
    auto values = use(operand);
    if (!values) {
      return values.takeError();
    }
    operands.push_back(*values);
    views.push_back(**values);
  }
  if (isa<PackOp>(op)) {
    return operands.front();
  }
  return llvm::TypeSwitch<Operation *, Expected<SharedValues>>(op)
      .Case<BatchNormScaleOp, BatchNormOffsetOp, ScaleFiltersOp, WinogradFilterOp,
            RelativePositionBiasOp, ShiftMaskOp, AddOp>([&](auto known) -> SharedValues {
        return std::make_shared<const ParameterValues>(computeParameter(known, views));
      })
      .Default([](Operation *unknown) -> Expected<SharedValues> {
        return createStringError(unknown->getName().getStringRef() +
                                 " cannot be computed when the model is compiled");
      });
}

Expected<Preparation::SharedValues> Preparation::read(ParamOp param) {
  StringRef name = param.getName();
  ArrayRef<int64_t> shape = shapeOf(param.getResult());
  auto sourceShape = source.lookup(name);
  if (!sourceShape) {
    return createStringError("the weights have no tensor '" + name + "'");
  }
  if (shape != ArrayRef(*sourceShape)) {
    return createStringError("the weights' tensor '" + name + "' is " + formatShape(*sourceShape) +
                             ", the model needs " + formatShape(shape));
  }
  std::vector<float> values(llvm::product_of(shape));
  if (Error error = source.read(name, values.data())) {
    return std::move(error);
  }
  return std::make_shared<const ParameterValues>(values.begin(), values.end());
}

Error Preparation::store(StorePreparedOp store, ParameterBlockWriter &writer) {
  auto values = use(store.getValue());
  if (!values) {
    return values.takeError();
  }
  if (Error error = writer.beginEntry(store.getName())) {
    return error;
  }
  auto type = cast<RankedTensorType>(store.getValue().getType());
  return emitStorage(type, **values,
                     [&](ArrayRef<float> storage) { return writer.append(storage); });
}

/// `error` with the entry and its layer before it.
static Error describe(StorePreparedOp store, Error error) {
  StringRef layer = getLayerName(store.getLoc());
  std::string place = layer.empty() ? "" : (" of layer '" + layer + "'").str();
  return createStringError("preparing the parameter '" + store.getName() + "'" + place +
                           " failed: " + toString(std::move(error)));
}

Error oriel::prepareParameters(ModuleOp module, const ParameterSource &source,
                               ParameterBlockWriter &writer) {
  auto prepare = module.lookupSymbol<func::FuncOp>("prepare");
  if (!prepare) {
    return Error::success();
  }
  Preparation preparation(prepare, source);
  for (auto store : prepare.getOps<StorePreparedOp>()) {
    if (Error error = preparation.store(store, writer)) {
      return describe(store, std::move(error));
    }
  }
  return Error::success();
}
