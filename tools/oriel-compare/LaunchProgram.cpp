//===- LaunchProgram.cpp - The launches of a program, interpreted ---------===//

#include "tools/oriel-compare/LaunchProgram.h"

#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Reference/Interpreter.h"

using namespace mlir;
using namespace oriel;

std::vector<int64_t> oriel::shapeOfBuffer(Value buffer) {
  return cast<exec::BufferType>(buffer.getType()).getTensor().getShape().vec();
}

void Activations::define(Value buffer, Tensor value) {
  int64_t readers = llvm::count_if(buffer.getUses(), [](OpOperand &use) {
    auto launch = cast<exec::LaunchOp>(use.getOwner());
    return use.getOperandNumber() < launch.getInputs().size();
  });
  if (readers > 0) {
    values[buffer] = {std::move(value), readers};
  }
}

void Activations::finish(const ProgramLaunch &launch) {
  for (Value input : exec::LaunchOp(launch.op).getInputs()) {
    auto found = values.find(input);
    if (found != values.end() && --found->second.readersLeft == 0) {
      values.erase(found);
    }
  }
}

static ProgramLaunch makeLaunch(ModuleOp module, exec::LaunchOp op) {
  ProgramLaunch launch = {op, {}, getLayerName(op.getLoc()).str(), {}};
  launch.computation = module.lookupSymbol<exec::KernelOp>(op.getKernel()).getComputation();
  for (unsigned i = 0; i < op.getOutputs().size(); ++i) {
    bool isNamed = i < op.getStoredLayers().size();
    StringRef layer = isNamed ? cast<StringAttr>(op.getStoredLayers()[i]).getValue() : "";
    launch.storedLayers.push_back(layer.empty() ? launch.layer : layer.str());
  }
  return launch;
}

/// What a kernel that reads `buffer` finds of a value that was computed in float32.
static BoundedTensor asStored(BoundedTensor value, Value buffer) {
  bool isHalf = cast<exec::BufferType>(buffer.getType()).getElement() == ElementType::F16;
  return isHalf ? roundToFloat16(std::move(value)) : value;
}

llvm::Expected<LaunchProgram> LaunchProgram::create(ModuleOp module,
                                                    const ParameterSource &parameters) {
  LaunchProgram result;
  exec::ProgramOp program = *module.getOps<exec::ProgramOp>().begin();
  result.batch = static_cast<int64_t>(program.getBatch());
  auto insert = [](std::vector<Value> &list, uint64_t index, Value buffer) {
    list.resize(std::max<size_t>(list.size(), index + 1));
    list[index] = buffer;
  };
  for (auto input : program.getOps<exec::InputOp>()) {
    insert(result.inputs, input.getIndex(), input);
  }
  for (auto output : program.getOps<exec::OutputOp>()) {
    insert(result.outputs, output.getIndex(), output);
  }
  for (auto launch : program.getOps<exec::LaunchOp>()) {
    result.launches.push_back(makeLaunch(module, launch));
  }
  DiagnosticCollector diagnostics(module.getContext());
  if (auto prepare = module.lookupSymbol<func::FuncOp>("prepare")) {
    auto entries = interpretPrepareWithBounds(prepare, parameters);
    if (failed(entries)) {
      return diagnostics.takeError("the interpreter cannot run @prepare");
    }
    result.prepared = std::move(*entries);
  }
  for (auto parameter : program.getOps<exec::ParameterOp>()) {
    BoundedTensor &entry = result.prepared[parameter.getName()];
    entry = asStored(std::move(entry), parameter);
  }
  return result;
}

template <typename Function>
void LaunchProgram::forEachOperand(const ProgramLaunch &launch, const Activations &activations,
                                   Function function) const {
  for (Value operand : KernelOp(launch.computation).getInputs()) {
    uint64_t index = operand.getDefiningOp<exec::OperandOp>().getIndex();
    Value buffer = exec::LaunchOp(launch.op).getInputs()[index];
    if (auto parameter = buffer.getDefiningOp<exec::ParameterOp>()) {
      const BoundedTensor &entry = prepared.find(parameter.getName())->second;
      function(entry.value, &entry.bound);
    } else {
      function(activations.at(buffer), nullptr);
    }
  }
}

llvm::Expected<std::vector<Tensor>> LaunchProgram::interpret(const ProgramLaunch &launch,
                                                             const Activations &activations) const {
  std::vector<Tensor> operands;
  forEachOperand(launch, activations,
                 [&](const Tensor &value, const Tensor *) { operands.push_back(value); });
  KernelOp computation = launch.computation;
  DiagnosticCollector diagnostics(computation.getContext());
  auto results = oriel::interpret(*computation.getBodyBlock(), operands);
  if (failed(results)) {
    return diagnostics.takeError("the interpreter cannot run layer '" + launch.layer + "'");
  }
  return std::move(*results);
}

llvm::Expected<std::vector<BoundedTensor>>
LaunchProgram::interpretWithBounds(const ProgramLaunch &launch, const Activations &activations,
                                   Rounding rounding) const {
  std::vector<BoundedTensor> operands;
  forEachOperand(launch, activations, [&](const Tensor &value, const Tensor *bound) {
    operands.push_back({value, bound ? *bound : Tensor::zeros(value.shape)});
  });
  KernelOp computation = launch.computation;
  DiagnosticCollector diagnostics(computation.getContext());
  auto results =
      oriel::interpretWithBounds(*computation.getBodyBlock(), std::move(operands), rounding);
  if (failed(results)) {
    return diagnostics.takeError("no error bound is known for layer '" + launch.layer + "'");
  }
  for (auto [result, buffer] : llvm::zip_equal(*results, exec::LaunchOp(launch.op).getOutputs())) {
    result = asStored(std::move(result), buffer);
  }
  return std::move(*results);
}
