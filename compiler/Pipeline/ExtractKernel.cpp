//===- ExtractKernel.cpp - One kernel as a module of its own --------------===//

#include "compiler/Pipeline/ExtractKernel.h"

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Pipeline/LaunchNames.h"
#include "compiler/Pipeline/Phase.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace oriel;

static LaunchNames namesOf(exec::LaunchOp launch) {
  LaunchNames names = {launch.getKernel().str(), {}};
  for (auto layer : launch.getLayers().getAsRange<StringAttr>()) {
    names.layers.push_back(layer.str());
  }
  if (StringRef layer = getLayerName(launch.getLoc()); names.layers.empty() && !layer.empty()) {
    names.layers.push_back(layer.str());
  }
  return names;
}

/// Gives the ops of a kernel the layers of `launch`. They stand as those of `first`, the launch
/// whose kernel all later ones share; equal kernels have equal layers in equal order. Where they
/// have not, which a module written by hand may, all are the anchor's.
static void renameLayers(KernelOp kernel, exec::LaunchOp first, exec::LaunchOp launch) {
  std::vector<std::string> from = namesOf(first).layers, to = namesOf(launch).layers;
  if (from == to || to.empty()) {
    return;
  }
  bool isAligned = from.size() == to.size();
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](NameLoc location) -> std::optional<Attribute> {
    auto found = llvm::find(from, location.getName().getValue());
    if (found == from.end()) {
      return std::nullopt;
    }
    const std::string &layer = isAligned ? to[static_cast<size_t>(found - from.begin())] : to[0];
    return NameLoc::get(StringAttr::get(location.getContext(), layer), location.getChildLoc());
  });
  replacer.recursivelyReplaceElementsIn(kernel, /*replaceAttrs=*/false, /*replaceLocs=*/true);
}

/// Copies what of @prepare the entries need.
static void copyPrepare(ModuleOp source, const llvm::StringSet<> &entries, ModuleOp target) {
  auto prepare = source.lookupSymbol<func::FuncOp>("prepare");
  if (entries.empty() || !prepare) {
    return;
  }
  auto copy = cast<func::FuncOp>(prepare->clone());
  target.push_back(copy);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(copy.getBody().front()))) {
    auto store = dyn_cast<StorePreparedOp>(op);
    bool isNeeded = store ? entries.contains(store.getName())
                          : !op.use_empty() || op.hasTrait<OpTrait::IsTerminator>();
    if (!isNeeded) {
      op.erase();
    }
  }
}

/// Adds @main, which computes what the launch does with `computation`.
static KernelOp makeMain(exec::LaunchOp launch, KernelOp computation, ModuleOp target) {
  llvm::SetVector<Value> activations;
  for (Value buffer : launch.getInputs()) {
    if (!buffer.getDefiningOp<exec::ParameterOp>()) {
      activations.insert(buffer);
    }
  }
  auto types = llvm::map_to_vector(activations, [](Value buffer) -> Type {
    return cast<exec::BufferType>(buffer.getType()).getTensor();
  });
  auto builder = OpBuilder::atBlockEnd(target.getBody());
  auto main =
      func::FuncOp::create(builder, target.getLoc(), "main",
                           builder.getFunctionType(types, KernelOp(computation)->getResultTypes()));
  Block *body = main.addEntryBlock();
  builder.setInsertionPointToStart(body);
  llvm::DenseMap<Value, Value> values;
  for (auto [buffer, argument] : llvm::zip_equal(activations, body->getArguments())) {
    argument.setLoc(buffer.getLoc());
    values[buffer] = argument;
  }
  IRMapping mapping;
  for (Value operand : computation.getInputs()) {
    Value buffer = launch.getInputs()[operand.getDefiningOp<exec::OperandOp>().getIndex()];
    Value &value = values[buffer];
    if (!value) {
      auto parameter = buffer.getDefiningOp<exec::ParameterOp>();
      value =
          PreparedOp::create(builder, parameter.getLoc(), operand.getType(), parameter.getName());
    }
    mapping.map(operand, value);
  }
  auto kernel = cast<KernelOp>(builder.clone(*computation, mapping));
  func::ReturnOp::create(builder, target.getLoc(), kernel.getResults());
  return kernel;
}

OwningOpRef<ModuleOp> oriel::extractLaunch(ModuleOp module, size_t position) {
  exec::ProgramOp program = *module.getOps<exec::ProgramOp>().begin();
  auto launches = llvm::to_vector(program.getOps<exec::LaunchOp>());
  exec::LaunchOp launch = launches[position];
  exec::LaunchOp first = *llvm::find_if(
      launches, [&](exec::LaunchOp other) { return other.getKernel() == launch.getKernel(); });
  llvm::StringSet<> entries;
  for (Value buffer : launch.getInputs()) {
    if (auto parameter = buffer.getDefiningOp<exec::ParameterOp>()) {
      entries.insert(parameter.getName());
    }
  }
  OwningOpRef<ModuleOp> result(ModuleOp::create(module.getLoc()));
  copyPrepare(module, entries, *result);
  KernelOp computation = module.lookupSymbol<exec::KernelOp>(launch.getKernel()).getComputation();
  renameLayers(makeMain(launch, computation, *result), first, launch);
  auto text = [&](const Twine &value) { return StringAttr::get(module.getContext(), value); };
  (*result)->setAttr(phaseAttribute, text(phaseInfo(Phase::Fused).name));
  auto model = module->getAttrOfType<StringAttr>("oriel.model");
  (*result)->setAttr("oriel.model",
                     text((model ? model.getValue() + "." : Twine()) + launch.getKernel()));
  return result;
}

llvm::Expected<OwningOpRef<ModuleOp>> oriel::extractKernel(ModuleOp module, StringRef name) {
  exec::ProgramOp program = *module.getOps<exec::ProgramOp>().begin();
  std::vector<LaunchNames> names;
  llvm::append_range(names, llvm::map_range(program.getOps<exec::LaunchOp>(), namesOf));
  std::optional<size_t> position = findLaunch(names, name.str());
  if (!position) {
    return llvm::createStringError(describeUnknownLaunch(names, name.str()));
  }
  return extractLaunch(module, *position);
}
