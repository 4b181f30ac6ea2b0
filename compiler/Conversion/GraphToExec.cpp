//===- GraphToExec.cpp - Kernels become launches on buffers ---------------===//

#include "compiler/Conversion/Passes.h"
#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelPlan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace oriel {
#define GEN_PASS_DEF_GRAPHTOEXECPASS
#include "compiler/Conversion/Passes.h.inc"
} // namespace oriel

using namespace mlir;
using namespace oriel;
using exec::BufferType;
using exec::Space;

namespace {

/// Turns one `@main` into an exec.program and its kernels.
class ProgramBuilder {
public:
  /// Arena and parameters are stored as `stored`.
  ProgramBuilder(func::FuncOp function, ElementType stored)
      : function(function), stored(stored), builder(function),
        symbols(function->getParentOfType<ModuleOp>()) {}

  LogicalResult run();

private:
  func::ReturnOp getReturn() {
    return cast<func::ReturnOp>(function.getBody().front().getTerminator());
  }
  LogicalResult copyResults();
  void makeExternalBuffers();
  LogicalResult makeLaunch(KernelOp kernel);
  exec::KernelOp makeKernel(KernelOp kernel, StringRef family, ArrayRef<Value> inputs,
                            ArrayRef<Value> outputs);
  BufferType bufferType(Value value, Space space);
  Value arenaBuffer(Value value);

  func::FuncOp function;
  ElementType stored;
  OpBuilder builder;
  SymbolTable symbols;
  exec::ProgramOp program;
  /// The buffer of each value of the function.
  llvm::DenseMap<Value, Value> buffers;
};

} // namespace

BufferType ProgramBuilder::bufferType(Value value, Space space) {
  auto tensor = cast<RankedTensorType>(value.getType());
  int64_t extent = tensor.getShape().back();
  int64_t pitch = space == Space::Arena ? rowPitch(extent) : extent;
  ElementType element = space == Space::External ? elementTypeOf(tensor) : stored;
  return BufferType::get(builder.getContext(), tensor, space, pitch, 0, 0, element);
}

/// A result that is an argument, or was a result before, becomes a copy: each has memory of its
/// own.
LogicalResult ProgramBuilder::copyResults() {
  func::ReturnOp ret = getReturn();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(ret);
  llvm::SmallDenseSet<Value> stored;
  for (OpOperand &operand : ret->getOpOperands()) {
    Value value = operand.get();
    if (!cast<RankedTensorType>(value.getType()).getElementType().isF32()) {
      return ret.emitError() << "result " << operand.getOperandNumber() << " of @"
                             << function.getName() << " is not of float32";
    }
    if (!value.getDefiningOp<KernelOp>() && !isa<BlockArgument>(value)) {
      return ret.emitError() << "result " << operand.getOperandNumber() << " of @"
                             << function.getName() << " is not computed by a kernel";
    }
    if (stored.insert(value).second && !isa<BlockArgument>(value)) {
      continue;
    }
    auto copy = KernelOp::create(builder, value.getLoc(), value.getType(), value);
    auto body = OpBuilder::atBlockEnd(copy.getBodyBlock());
    YieldOp::create(body, value.getLoc(), TypeRange(), copy.getBodyBlock()->getArguments());
    operand.set(copy.getResult(0));
  }
  return success();
}

void ProgramBuilder::makeExternalBuffers() {
  for (BlockArgument argument : function.getArguments()) {
    buffers[argument] = exec::InputOp::create(
        builder, argument.getLoc(), bufferType(argument, Space::External), argument.getArgNumber());
  }
  for (auto [index, value] : llvm::enumerate(getReturn().getOperands())) {
    buffers[value] = exec::OutputOp::create(builder, builder.getUnknownLoc(),
                                            bufferType(value, Space::External), index);
  }
}

Value ProgramBuilder::arenaBuffer(Value value) {
  Value &buffer = buffers[value];
  if (!buffer) {
    buffer = exec::ArenaOp::create(builder, value.getLoc(), bufferType(value, Space::Arena),
                                   IntegerAttr());
  }
  return buffer;
}

exec::KernelOp ProgramBuilder::makeKernel(KernelOp kernel, StringRef family, ArrayRef<Value> inputs,
                                          ArrayRef<Value> outputs) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(program);
  auto typesOf = [&](ArrayRef<Value> values) {
    return builder.getTypeArrayAttr(
        llvm::map_to_vector(values, [](Value value) { return value.getType(); }));
  };
  Location unknown = builder.getUnknownLoc();
  auto op =
      exec::KernelOp::create(builder, unknown, "kernel", family, typesOf(inputs), typesOf(outputs));
  symbols.insert(op);
  builder.createBlock(&op.getBody());
  IRMapping mapping;
  for (auto [index, input] : llvm::enumerate(kernel.getInputs())) {
    mapping.map(input, exec::OperandOp::create(builder, unknown, input.getType(), index));
  }
  builder.clone(*kernel, mapping);
  return op;
}

/// The layers of all ops that a kernel computes, that of the kernel first.
static SmallVector<StringRef> layersOf(KernelOp kernel) {
  llvm::SetVector<StringRef> layers;
  auto insert = [&](Operation *op) {
    for (StringRef layer : getLayerNames(op->getLoc())) {
      layers.insert(layer);
    }
  };
  insert(kernel);
  for (Operation &op : kernel.getBodyBlock()->without_terminator()) {
    insert(&op);
  }
  return llvm::to_vector(layers);
}

/// The layer of each result: that of the op that computes it. Empty where none has a name.
static SmallVector<StringRef> storedLayersOf(KernelOp kernel) {
  auto stored = llvm::map_to_vector(kernel.getBodyBlock()->getTerminator()->getOperands(),
                                    [](Value value) -> StringRef {
                                      auto layers = getLayerNames(value.getLoc());
                                      return layers.empty() ? StringRef() : layers.back();
                                    });
  if (llvm::all_of(stored, [](StringRef layer) { return layer.empty(); })) {
    stored.clear();
  }
  return stored;
}

LogicalResult ProgramBuilder::makeLaunch(KernelOp kernel) {
  std::string refusal;
  FailureOr<KernelPlan> plan = planKernel(kernel, &refusal);
  if (failed(plan)) {
    return kernel.emitError() << "no kernel family computes this: " << refusal;
  }
  SmallVector<Value> inputs, outputs;
  int64_t bytes = 0, parameterBytes = 0, batch = program.getBatch();
  auto count = [&](Value buffer) {
    auto type = cast<BufferType>(buffer.getType());
    int64_t size = bytesOf(type.getElement()) * type.getTensor().getNumElements();
    if (type.getSpace() == Space::Parameter) {
      parameterBytes += size;
    } else {
      bytes += size / batch;
    }
  };
  for (Value input : kernel.getInputs()) {
    inputs.push_back(arenaBuffer(input));
    count(inputs.back());
  }
  for (Value result : kernel.getResults()) {
    outputs.push_back(arenaBuffer(result));
    count(outputs.back());
  }
  exec::KernelOp target = makeKernel(kernel, getName(plan->family), inputs, outputs);
  exec::LaunchOp::create(builder, kernel.getLoc(), target.getSymName(), inputs, outputs,
                         plan->flops / batch, bytes, parameterBytes, plan->movesOnly,
                         builder.getStrArrayAttr(layersOf(kernel)),
                         builder.getStrArrayAttr(storedLayersOf(kernel)));
  return success();
}

LogicalResult ProgramBuilder::run() {
  if (!function.getBody().hasOneBlock() || function.getNumArguments() == 0) {
    return function.emitError() << "@" << function.getName()
                                << " must have one block and at least one input";
  }
  if (failed(copyResults())) {
    return failure();
  }
  int64_t batch = cast<RankedTensorType>(function.getArgumentTypes()[0]).getShape()[0];
  program = exec::ProgramOp::create(builder, function.getLoc(), "program", batch, 0, 0);
  builder.createBlock(&program.getBody());
  makeExternalBuffers();
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (auto prepared = dyn_cast<PreparedOp>(op)) {
      buffers[prepared] = exec::ParameterOp::create(
          builder, op.getLoc(), bufferType(prepared, Space::Parameter), prepared.getName());
    } else if (auto kernel = dyn_cast<KernelOp>(op)) {
      if (failed(makeLaunch(kernel))) {
        return failure();
      }
    } else {
      return op.emitError() << "stands outside of a kernel; run form-kernels first";
    }
  }
  function.erase();
  program.setSymName("main");
  return success();
}

namespace {

struct GraphToExecPass : oriel::impl::GraphToExecPassBase<GraphToExecPass> {
  using GraphToExecPassBase::GraphToExecPassBase;

  void runOnOperation() override {
    auto function = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!function) {
      getOperation().emitError("the module has no func.func @main");
      return signalPassFailure();
    }
    if (failed(ProgramBuilder(function, precision).run())) {
      signalPassFailure();
    }
  }
};

} // namespace
