//===- ExecToLLVM.cpp - The program becomes functions of the llvm dialect -===//

#include "compiler/Conversion/KernelEntry.h"
#include "compiler/Conversion/Passes.h"
#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Target/ParameterBlock.h"
#include "oriel/module_abi.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <cstddef>

namespace oriel {
#define GEN_PASS_DEF_EXECTOLLVMPASS
#include "compiler/Conversion/Passes.h.inc"
} // namespace oriel

using namespace mlir;
using namespace oriel;

std::string oriel::variantSymbol(StringRef name, StringRef target) {
  std::string symbol = name.str();
  if (!target.empty()) {
    symbol += "." + target.str();
    std::replace(symbol.begin(), symbol.end(), '-', '_');
  }
  return symbol;
}

namespace {

/// Builds `@oriel_run(call)` and `@oriel_run_launch(call, launch)` for a target.
class RunBuilder {
public:
  RunBuilder(exec::ProgramOp program, const ParameterBlockLayout &parameters, LLVM::LLVMFuncOp hook,
             OpBuilder &builder)
      : program(program), parameters(parameters), hook(hook), builder(builder),
        location(program.getLoc()), pointer(LLVM::LLVMPointerType::get(builder.getContext())),
        i8(builder.getI8Type()), i32(builder.getI32Type()), i64(builder.getI64Type()) {}

  LogicalResult run(StringRef target);

private:
  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, location, type, builder.getIntegerAttr(type, value));
  }
  /// The address `bytes` after `base`.
  Value advance(Value base, Value bytes) {
    return LLVM::GEPOp::create(builder, location, pointer, i8, base, ArrayRef<LLVM::GEPArg>{bytes});
  }
  /// The field of the oriel_call at `offset`.
  Value loadField(Type type, int64_t offset) {
    return LLVM::LoadOp::create(builder, location, type, advance(call, constant(i64, offset)));
  }
  FailureOr<Value> addressOf(Operation &op);
  LogicalResult makeFunction(StringRef name, ArrayRef<Type> arguments);
  LogicalResult makeRun(StringRef target);
  LogicalResult makeRunLaunch(StringRef target);
  void makeLaunch(exec::LaunchOp launch, int64_t index);

  exec::ProgramOp program;
  const ParameterBlockLayout &parameters;
  LLVM::LLVMFuncOp hook;
  OpBuilder &builder;
  Location location;
  Type pointer, i8, i32, i64;
  llvm::StringMap<LLVM::LLVMFuncOp> entries;
  LLVM::LLVMFuncOp function;
  Value call, worker, batch, batchAsI64, arena, parameterBlock, inputs, outputs;
  Value launchBegin, launchEnd, hookArgument;
  llvm::DenseMap<Value, Value> addresses;
};

} // namespace

/// `void @launch_hook(ptr hook, ptr arg, i32 launch)`: calls the hook unless it is null.
static LLVM::LLVMFuncOp makeHookFunction(OpBuilder &builder, Location location) {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext()), i32 = builder.getI32Type();
  auto nothing = LLVM::LLVMVoidType::get(builder.getContext());
  auto hookType = LLVM::LLVMFunctionType::get(nothing, {pointer, i32});
  auto result = LLVM::LLVMFuncOp::create(
      builder, location, "launch_hook",
      LLVM::LLVMFunctionType::get(nothing, {pointer, pointer, i32}), LLVM::Linkage::Internal);
  OpBuilder::InsertionGuard guard(builder);
  Block *entry = result.addEntryBlock(builder);
  Block *present = builder.createBlock(&result.getBody(), result.getBody().end());
  Block *done = builder.createBlock(&result.getBody(), result.getBody().end());
  builder.setInsertionPointToStart(entry);
  Value null = LLVM::ZeroOp::create(builder, location, pointer);
  Value isNull =
      LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::eq, entry->getArgument(0), null);
  LLVM::CondBrOp::create(builder, location, isNull, done, present);
  builder.setInsertionPointToStart(present);
  LLVM::CallOp::create(
      builder, location, hookType,
      ValueRange{entry->getArgument(0), entry->getArgument(1), entry->getArgument(2)});
  LLVM::BrOp::create(builder, location, done);
  builder.setInsertionPointToStart(done);
  LLVM::ReturnOp::create(builder, location, ValueRange());
  return result;
}

/// Where the buffer that `op` makes lies; a null value if it makes none.
FailureOr<Value> RunBuilder::addressOf(Operation &op) {
  auto element = [&](Value list, int64_t index) {
    Value address = advance(list, constant(i64, index * 8));
    return Value(LLVM::LoadOp::create(builder, location, pointer, address));
  };
  if (auto input = dyn_cast<exec::InputOp>(op)) {
    return element(inputs, input.getIndex());
  }
  if (auto output = dyn_cast<exec::OutputOp>(op)) {
    return element(outputs, output.getIndex());
  }
  if (auto parameter = dyn_cast<exec::ParameterOp>(op)) {
    const ParameterEntry *entry = parameters.lookup(parameter.getName());
    if (!entry) {
      return op.emitError() << "@prepare stores no parameter \"" << parameter.getName() << "\"";
    }
    return advance(parameterBlock, constant(i64, static_cast<int64_t>(entry->offset)));
  }
  if (auto buffer = dyn_cast<exec::ArenaOp>(op)) {
    auto offset = buffer.getOffsetPerItem();
    if (!offset) {
      return op.emitError() << "has no offset; run plan-arena first";
    }
    return advance(arena, LLVM::MulOp::create(builder, location, batchAsI64,
                                              constant(i64, static_cast<int64_t>(*offset))));
  }
  return Value();
}

/// hook(begin); status = launch(...); if (status) return status; hook(end).
void RunBuilder::makeLaunch(exec::LaunchOp launch, int64_t index) {
  Value position = constant(i32, index);
  LLVM::CallOp::create(builder, location, hook, ValueRange{launchBegin, hookArgument, position});
  SmallVector<Value> arguments = {worker, batch};
  for (Value buffer : launch->getOperands()) {
    arguments.push_back(addresses.at(buffer));
  }
  Value status =
      LLVM::CallOp::create(builder, launch.getLoc(), entries.at(launch.getKernel()), arguments)
          .getResult();
  Value ok =
      LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::eq, status, constant(i32, 0));
  Block *failed = builder.createBlock(&function.getBody(), function.getBody().end());
  Block *next = builder.createBlock(&function.getBody(), function.getBody().end());
  builder.setInsertionPointToStart(failed);
  LLVM::ReturnOp::create(builder, location, status);
  builder.setInsertionPointToEnd(failed->getPrevNode());
  LLVM::CondBrOp::create(builder, location, ok, next, failed);
  builder.setInsertionPointToStart(next);
  LLVM::CallOp::create(builder, location, hook, ValueRange{launchEnd, hookArgument, position});
}

/// Begins a function of the call and of more arguments: all fields and addresses are computed in
/// its entry block, before the first launch's branch.
LogicalResult RunBuilder::makeFunction(StringRef name, ArrayRef<Type> arguments) {
  SmallVector<Type> types = {pointer};
  llvm::append_range(types, arguments);
  function = LLVM::LLVMFuncOp::create(
      builder, location, name, LLVM::LLVMFunctionType::get(i32, types), LLVM::Linkage::External);
  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  call = function.getArgument(0);
  batch = loadField(i32, offsetof(oriel_call, batch));
  batchAsI64 = LLVM::SExtOp::create(builder, location, i64, batch);
  inputs = loadField(pointer, offsetof(oriel_call, inputs));
  outputs = loadField(pointer, offsetof(oriel_call, outputs));
  parameterBlock = loadField(pointer, offsetof(oriel_call, parameters));
  arena = loadField(pointer, offsetof(oriel_call, arena));
  worker = loadField(pointer, offsetof(oriel_call, workers));
  launchBegin = loadField(pointer, offsetof(oriel_call, launch_begin));
  launchEnd = loadField(pointer, offsetof(oriel_call, launch_end));
  hookArgument = loadField(pointer, offsetof(oriel_call, hook_arg));
  for (Operation &op : program.getBody().front()) {
    FailureOr<Value> address = addressOf(op);
    if (failed(address)) {
      return failure();
    }
    if (*address) {
      addresses[op.getResult(0)] = *address;
    }
  }
  return success();
}

LogicalResult RunBuilder::makeRun(StringRef target) {
  OpBuilder::InsertionGuard guard(builder);
  if (failed(makeFunction(variantSymbol(runFunctionName, target), {}))) {
    return failure();
  }
  for (auto [index, launch] : llvm::enumerate(program.getOps<exec::LaunchOp>())) {
    makeLaunch(launch, static_cast<int64_t>(index));
  }
  LLVM::ReturnOp::create(builder, location, constant(i32, 0));
  return success();
}

/// switch (launch) { case 0: ...; return 0; ... default: return 1; }
LogicalResult RunBuilder::makeRunLaunch(StringRef target) {
  OpBuilder::InsertionGuard guard(builder);
  if (failed(makeFunction(variantSymbol(runLaunchFunctionName, target), {i32}))) {
    return failure();
  }
  // Seldom called: small rather than fast.
  function.setPassthroughAttr(builder.getStrArrayAttr({"cold", "minsize"}));
  Block *entry = builder.getInsertionBlock();
  SmallVector<int32_t> positions;
  SmallVector<Block *> cases;
  for (auto [index, launch] : llvm::enumerate(program.getOps<exec::LaunchOp>())) {
    positions.push_back(static_cast<int32_t>(index));
    cases.push_back(builder.createBlock(&function.getBody(), function.getBody().end()));
    makeLaunch(launch, static_cast<int64_t>(index));
    LLVM::ReturnOp::create(builder, location, constant(i32, 0));
  }
  Block *unknown = builder.createBlock(&function.getBody(), function.getBody().end());
  LLVM::ReturnOp::create(builder, location, constant(i32, 1));
  builder.setInsertionPointToEnd(entry);
  SmallVector<ValueRange> noOperands(cases.size());
  LLVM::SwitchOp::create(builder, location, function.getArgument(1), unknown, ValueRange(),
                         positions, cases, noOperands);
  return success();
}

LogicalResult RunBuilder::run(StringRef target) {
  for (auto kernel : program->getParentOfType<ModuleOp>().getOps<exec::KernelOp>()) {
    std::optional<KernelTarget> known = KernelTarget::get(target);
    if (known && known->isGpu() && kernel.getComputation()->hasAttr(perturbedAttribute)) {
      return kernel.emitError() << "kernel @" << kernel.getSymName()
                                << " is perturbed, which only processors' targets can be";
    }
    entries[kernel.getSymName()] = makeKernelEntry(builder, kernel, target);
  }
  return success(succeeded(makeRun(target)) && succeeded(makeRunLaunch(target)));
}

namespace {

struct ExecToLLVMPass : oriel::impl::ExecToLLVMPassBase<ExecToLLVMPass> {
  using ExecToLLVMPassBase::ExecToLLVMPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto programs = module.getOps<exec::ProgramOp>();
    if (!llvm::hasSingleElement(programs)) {
      module.emitError("expected one exec.program");
      return signalPassFailure();
    }
    FailureOr<ParameterBlockLayout> parameters = computeParameterLayout(module);
    if (failed(parameters)) {
      return signalPassFailure();
    }
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    SmallVector<Operation *> replaced;
    for (Operation &op : *module.getBody()) {
      replaced.push_back(&op);
    }
    LLVM::LLVMFuncOp hook = makeHookFunction(builder, module.getLoc());
    SmallVector<std::string> all(targets.begin(), targets.end());
    if (all.empty()) {
      all.emplace_back();
    }
    for (const std::string &target : all) {
      if (failed(RunBuilder(*programs.begin(), *parameters, hook, builder).run(target))) {
        return signalPassFailure();
      }
    }
    for (Operation *op : llvm::reverse(replaced)) {
      op->erase();
    }
  }
};

} // namespace
