//===- Reduction.cpp - The smallest file that shows a bad layer -----------===//

#include "tools/oriel-compare/Reduction.h"

#include "compiler/Pipeline/ExtractKernel.h"
#include "tools/oriel-compare/Comparison.h"
#include "tools/oriel-reduce/GraphReducer.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace oriel;

/// On an argument of @main while it is reduced: which of the inputs it is.
static constexpr llvm::StringLiteral inputAttribute = "oriel.input";

/// The inputs of a launch that are no parameters, each once.
static SmallVector<Value> activationsOf(exec::LaunchOp launch) {
  SmallVector<Value> buffers;
  for (Value buffer : launch.getInputs()) {
    if (!buffer.getDefiningOp<exec::ParameterOp>() && !llvm::is_contained(buffers, buffer)) {
      buffers.push_back(buffer);
    }
  }
  return buffers;
}

BadLaunch oriel::captureLaunch(const LaunchProgram &program, size_t position,
                               const Activations &stored) {
  BadLaunch bad = {position, program.getLaunches()[position], {}};
  for (Value buffer : activationsOf(bad.launch.op)) {
    bad.inputs.push_back(stored.at(buffer));
  }
  return bad;
}

static bool liesInArena(Value buffer) {
  return cast<exec::BufferType>(buffer.getType()).getSpace() == exec::Space::Arena;
}

static Value makeCopy(OpBuilder &builder, Value value) {
  Location unknown = builder.getUnknownLoc();
  auto copy = KernelOp::create(builder, unknown, value.getType(), value);
  auto body = OpBuilder::atBlockEnd(copy.getBodyBlock());
  YieldOp::create(body, unknown, TypeRange(), copy.getBodyBlock()->getArguments());
  return copy.getResult(0);
}

OwningOpRef<ModuleOp> oriel::isolateLaunch(ModuleOp execModule, const BadLaunch &bad) {
  exec::LaunchOp launch = bad.launch.op;
  OwningOpRef<ModuleOp> module = extractLaunch(execModule, bad.position);
  auto main = module->lookupSymbol<func::FuncOp>("main");
  KernelOp kernel = *main.getOps<KernelOp>().begin();
  OpBuilder builder(kernel);
  for (auto [index, buffer] : llvm::enumerate(activationsOf(launch))) {
    BlockArgument argument = main.getArgument(index);
    main.setArgAttr(index, inputAttribute, builder.getI64IntegerAttr(static_cast<int64_t>(index)));
    if (liesInArena(buffer)) {
      Value copy = makeCopy(builder, argument);
      kernel->replaceUsesOfWith(argument, copy);
    }
  }
  Operation *last = main.getBody().front().getTerminator();
  builder.setInsertionPoint(last);
  for (auto [index, buffer] : llvm::enumerate(launch.getOutputs())) {
    if (liesInArena(buffer)) {
      last->setOperand(index, makeCopy(builder, kernel.getResult(index)));
    }
  }
  return module;
}

namespace {

/// Compiles and compares candidates.
class Reducer {
public:
  Reducer(const BadLaunch &bad, const ParameterSource &parameters, const CaseOptions &options)
      : bad(bad), parameters(parameters), options(options) {
    this->options.perturbedKernel.clear();
  }

  bool showsTheLayer(ModuleOp module);
  /// The inputs that are left.
  std::vector<Tensor> inputsOf(func::FuncOp main) const;

private:
  const BadLaunch &bad;
  const ParameterSource &parameters;
  CaseOptions options;
};

} // namespace

std::vector<Tensor> Reducer::inputsOf(func::FuncOp main) const {
  std::vector<Tensor> inputs;
  inputs.reserve(main.getNumArguments());
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    inputs.push_back(bad.inputs[main.getArgAttrOfType<IntegerAttr>(i, inputAttribute).getInt()]);
  }
  return inputs;
}

bool Reducer::showsTheLayer(ModuleOp module) {
  OwningOpRef<ModuleOp> copy(module.clone());
  RunInput input = {inputsOf(copy->lookupSymbol<func::FuncOp>("main")), 0};
  std::string firstBad;
  try {
    ScratchFolder folder;
    lowerCase(*copy, options);
    CompiledCase compiled = compileCase(std::move(copy), parameters, options, folder);
    ModuleRun run(compiled.path, options.compile.targets[0].name, compiled.program->getBatch(),
                  /*threads=*/0);
    compareWithInterpreter(compiled, run, input,
                           [&](const ComparisonRow &row, const Activations &) {
                             bool isBad = row.difference.verdict == Verdict::Bad;
                             firstBad = isBad ? row.layer : "";
                             return !isBad;
                           });
  } catch (const ToolError &) {
    // What does not compile shows nothing.
    return false;
  }
  return firstBad == bad.launch.layer;
}

SavedCase oriel::reduceLaunch(const std::string &path, ModuleOp execModule, const BadLaunch &bad,
                              const ParameterSource &parameters, const CaseOptions &options) {
  OwningOpRef<ModuleOp> module = isolateLaunch(execModule, bad);
  Reducer reducer(bad, parameters, options);
  if (!reducer.showsTheLayer(*module)) {
    throw ToolError("layer '" + bad.launch.layer +
                    "' is good when its kernel is alone: it is wrong in its place only, so there "
                    "is nothing smaller to write");
  }
  reduceGraph(*module, [&](ModuleOp candidate) { return reducer.showsTheLayer(candidate); });
  auto main = module->lookupSymbol<func::FuncOp>("main");
  std::vector<Tensor> inputs = reducer.inputsOf(main);
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    main.removeArgAttr(i, inputAttribute);
  }
  return unwrap(writeSavedCase(path, *module, parameters, inputs));
}
