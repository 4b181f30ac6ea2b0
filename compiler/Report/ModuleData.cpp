//===- ModuleData.cpp - Modules of each phase as the report page's data ---===//

#include "compiler/Report/ModuleData.h"

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Kernels/KernelWork.h"
#include "compiler/Transforms/Fusion.h"

#include "mlir/IR/AsmState.h"

using namespace mlir;
using namespace oriel;
using llvm::json::Array;
using llvm::json::Object;

template <typename T>
static std::string print(T &&value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

static std::string printOp(Operation *op, AsmState &state) {
  std::string text;
  llvm::raw_string_ostream out(text);
  op->print(out, state);
  return text;
}

static Object describeOp(Operation *op) {
  Object object{{"name", op->getName().stripDialect()}, {"layer", getLayerName(op->getLoc())}};
  if (op->getNumResults() > 0) {
    object["type"] = print(op->getResult(0).getType());
  }
  return object;
}

static std::string nameOf(Operation *op) { return op->getName().stripDialect().str(); }

static Array namesOf(ArrayRef<Operation *> ops) { return Array(llvm::map_range(ops, nameOf)); }

Array oriel::describeGraph(ModuleOp module) {
  Array ops;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main) {
    return ops;
  }
  AsmState state(module);
  for (Operation &op : main.getBody().front().without_terminator()) {
    if (op.getNumResults() == 1 && !isParameter(op.getResult(0))) {
      Object object = describeOp(&op);
      object["text"] = printOp(&op, state);
      ops.push_back(std::move(object));
    }
  }
  return ops;
}

static Object describePlan(const KernelPlan &plan) {
  Object object{{"prologue", namesOf(plan.prologue)},
                {"epilogue", namesOf(plan.epilogue)},
                {"flops", plan.flops},
                {"movesOnly", plan.movesOnly}};
  if (plan.anchor) {
    object["anchor"] = nameOf(plan.anchor);
  }
  if (plan.rowStatistics) {
    object["rowStatistics"] = nameOf(plan.rowStatistics);
  }
  Array hidden;
  for (const HiddenProduct &product : plan.hidden) {
    hidden.push_back(nameOf(product.product));
    for (Operation *activation : product.activations) {
      hidden.push_back(nameOf(activation));
    }
  }
  object["hidden"] = std::move(hidden);
  if (const AttentionPlan &attention = plan.attention; attention.merge) {
    object["indexMaps"] = namesOf(attention.queryMaps);
    object["outputMaps"] = namesOf(attention.outputMaps);
    object["scale"] = attention.scale;
    object["bias"] = attention.bias ? nameOf(attention.bias) : "none";
  }
  return object;
}

namespace {

/// Describes the kernels of a function.
class KernelLister {
public:
  explicit KernelLister(func::FuncOp function)
      : state(function->getParentOfType<ModuleOp>()), kernels(function.getOps<KernelOp>()) {
    for (auto [index, kernel] : llvm::enumerate(kernels)) {
      indices[kernel] = static_cast<int64_t>(index);
    }
  }

  Array list() {
    Array list;
    for (KernelOp kernel : kernels) {
      list.push_back(describe(kernel));
    }
    return list;
  }

private:
  /// Where a value comes from, as an operand of an op of `kernel`.
  Object describeSource(Value value, KernelOp kernel,
                        const llvm::DenseMap<Operation *, int64_t> &ops) {
    if (auto op = ops.find(value.getDefiningOp()); op != ops.end()) {
      return Object{{"op", op->second}};
    }
    Value outside = kernel.getInputs()[cast<BlockArgument>(value).getArgNumber()];
    if (auto source = outside.getDefiningOp<KernelOp>()) {
      return Object{{"kernel", indices.at(source)}};
    }
    if (auto argument = dyn_cast<BlockArgument>(outside)) {
      return Object{{"input", static_cast<int64_t>(argument.getArgNumber())}};
    }
    return Object{{"parameter", nameOfParameter(outside.getDefiningOp())}};
  }

  static std::string nameOfParameter(Operation *op) {
    if (auto prepared = dyn_cast<PreparedOp>(op)) {
      return prepared.getName().str();
    }
    auto parameter = dyn_cast<ParamOp>(op);
    return parameter ? parameter.getName().str() : nameOf(op);
  }

  Array describeOps(KernelOp kernel) {
    llvm::DenseMap<Operation *, int64_t> places;
    Array ops;
    for (Operation &op : kernel.getBodyBlock()->without_terminator()) {
      Object object = describeOp(&op);
      Array inputs;
      for (Value operand : op.getOperands()) {
        inputs.push_back(describeSource(operand, kernel, places));
      }
      object["inputs"] = std::move(inputs);
      places[&op] = static_cast<int64_t>(ops.size());
      ops.push_back(std::move(object));
    }
    return ops;
  }

  Array describeReaders(KernelOp kernel) {
    Array readers;
    llvm::SmallSetVector<Operation *, 4> seen(kernel->getUsers().begin(), kernel->getUsers().end());
    for (Operation *user : llvm::reverse(seen)) {
      if (auto reader = dyn_cast<KernelOp>(user)) {
        readers.push_back(
            Object{{"kernel", indices.at(reader)}, {"reason", explainBoundary(kernel, reader)}});
      }
    }
    return readers;
  }

  Object describe(KernelOp kernel) {
    Object object = describeOp(kernel);
    object["text"] = printOp(kernel, state);
    object["ops"] = describeOps(kernel);
    object["next"] = describeReaders(kernel);
    object["isResult"] = llvm::any_of(kernel->getUsers(), [](Operation *user) {
      return user->hasTrait<OpTrait::IsTerminator>();
    });
    if (FailureOr<KernelPlan> plan = planKernel(kernel); succeeded(plan)) {
      object["family"] = getName(plan->family);
      object["plan"] = describePlan(*plan);
    }
    return object;
  }

  AsmState state;
  SmallVector<KernelOp> kernels;
  llvm::DenseMap<Operation *, int64_t> indices;
};

} // namespace

Array oriel::describeKernels(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  return main ? KernelLister(main).list() : Array();
}

static Array describeBlocks(exec::ProgramOp program) {
  llvm::DenseMap<Operation *, int64_t> times;
  for (auto launch : program.getOps<exec::LaunchOp>()) {
    times.try_emplace(launch, static_cast<int64_t>(times.size()));
  }
  Array blocks;
  for (auto buffer : program.getOps<exec::ArenaOp>()) {
    auto users =
        llvm::map_to_vector(buffer->getUsers(), [&](Operation *user) { return times.at(user); });
    blocks.push_back(Object{{"layer", getLayerName(buffer.getLoc())},
                            {"type", print(buffer.getType().getTensor())},
                            {"offset", static_cast<int64_t>(buffer.getOffsetPerItem().value_or(0))},
                            {"size", bytesPerItem(buffer.getType().getLayout())},
                            {"first", *llvm::min_element(users)},
                            {"last", *llvm::max_element(users)}});
  }
  return blocks;
}

static Object describeWork(exec::KernelOp kernel) {
  auto layoutsOf = [](ArrayRef<exec::BufferType> types) {
    return llvm::map_to_vector(types, [](exec::BufferType type) { return type.getLayout(); });
  };
  KernelWork work = countWork(kernel.getComputation(), layoutsOf(kernel.getInputBuffers()),
                              layoutsOf(kernel.getOutputBuffers()));
  return Object{{"flops", work.flops},
                {"exponentials", work.exponentials},
                {"silus", work.silus},
                {"gelus", work.gelus},
                {"activationBytes", work.activationBytes},
                {"parameterBytes", work.parameterBytes},
                {"resultBytes", work.resultBytes}};
}

Object oriel::describeProgram(ModuleOp module) {
  exec::ProgramOp program = *module.getOps<exec::ProgramOp>().begin();
  auto typesOf = [](ArrayRef<exec::BufferType> types) {
    return Array(llvm::map_range(types, [](exec::BufferType type) { return print(type); }));
  };
  AsmState state(module);
  Array kernels, launches;
  for (auto kernel : module.getOps<exec::KernelOp>()) {
    kernels.push_back(Object{{"name", kernel.getSymName()},
                             {"family", kernel.getFamily()},
                             {"text", printOp(kernel, state)},
                             {"inputs", typesOf(kernel.getInputBuffers())},
                             {"outputs", typesOf(kernel.getOutputBuffers())},
                             {"work", describeWork(kernel)}});
  }
  for (auto launch : program.getOps<exec::LaunchOp>()) {
    launches.push_back(
        Object{{"kernel", launch.getKernel()},
               {"layer", getLayerName(launch.getLoc())},
               {"flops", static_cast<int64_t>(launch.getFlops())},
               {"bytes", static_cast<int64_t>(launch.getBytes())},
               {"parameterBytes", static_cast<int64_t>(launch.getParameterBytes())}});
  }
  return Object{
      {"batch", static_cast<int64_t>(program.getBatch())},
      {"arena", Object{{"bytesPerItem", static_cast<int64_t>(program.getArenaBytesPerItem())},
                       {"fixedBytes", static_cast<int64_t>(program.getArenaFixedBytes())},
                       {"blocks", describeBlocks(program)}}},
      {"kernels", std::move(kernels)},
      {"launches", std::move(launches)}};
}
