//===- ModuleMetadata.cpp - What a module's tables say --------------------===//

#include "compiler/Pipeline/ModuleMetadata.h"

#include "compiler/Dialect/Exec/ExecDialect.h"

using namespace mlir;
using namespace oriel;

/// ORIEL_ELEMENT_*.
static int32_t numberOf(ElementType element) {
  switch (element) {
  case ElementType::F32:
    return ORIEL_ELEMENT_F32;
  case ElementType::F16:
    return ORIEL_ELEMENT_F16;
  case ElementType::U8:
    return ORIEL_ELEMENT_U8;
  }
  llvm_unreachable("unknown element type");
}

/// A buffer's element type, and shape at batch 1.
static TensorInfo describeTensor(Value buffer, StringRef kind, int64_t index) {
  TensorInfo info;
  StringRef name = getLayerName(buffer.getLoc());
  info.name =
      name.empty() ? index == 0 ? kind.str() : (kind + "_" + Twine(index)).str() : name.str();
  auto type = cast<exec::BufferType>(buffer.getType());
  info.dims.assign(type.getTensor().getShape().begin(), type.getTensor().getShape().end());
  info.dims[0] = 1;
  info.elementType = numberOf(type.getElement());
  return info;
}

/// Where output `index` of a launch lies.
static StoreInfo describeStore(exec::LaunchOp launch, unsigned index) {
  Value buffer = launch.getOutputs()[index];
  exec::BufferType type = cast<exec::BufferType>(buffer.getType());
  BufferLayout layout = type.getLayout();
  StoreInfo store = {};
  if (!launch.getStoredLayers().empty()) {
    store.layer = cast<StringAttr>(launch.getStoredLayers()[index]).getValue().str();
  }
  store.dims.assign(layout.shape.begin(), layout.shape.end());
  store.dims[0] = 1;
  store.output = -1;
  store.elementType = numberOf(layout.element);
  if (auto output = buffer.getDefiningOp<exec::OutputOp>()) {
    store.output = static_cast<int32_t>(output.getIndex());
  } else {
    store.arenaBytesPerItem = buffer.getDefiningOp<exec::ArenaOp>().getOffsetPerItem().value_or(0);
  }
  for (const Dimension &dimension : llvm::reverse(dimensionsOf(layout))) {
    store.strides.push_back(dimension.stride);
    store.arenaBytes -=
        static_cast<uint64_t>(layout.elementBytes() * dimension.min * dimension.stride);
  }
  return store;
}

/// The layers of a launch, its anchor's first.
static std::vector<std::string> layersOf(exec::LaunchOp launch) {
  std::vector<std::string> layers;
  for (auto layer : launch.getLayers().getAsRange<StringAttr>()) {
    layers.push_back(layer.getValue().str());
  }
  if (layers.empty()) {
    layers.push_back(getLayerName(launch.getLoc()).str());
  }
  return layers;
}

static void describeLaunches(exec::ProgramOp program, VariantInfo &variant) {
  llvm::StringMap<int32_t> indices;
  for (auto [index, kernel] : llvm::enumerate(variant.kernels)) {
    indices[kernel.name] = static_cast<int32_t>(index);
  }
  for (auto [index, launch] : llvm::enumerate(program.getOps<exec::LaunchOp>())) {
    LaunchInfo info = {"launch_" + std::to_string(index),
                       indices.at(launch.getKernel()),
                       launch.getMovesOnly(),
                       static_cast<int64_t>(launch.getFlops()),
                       static_cast<int64_t>(launch.getBytes()),
                       static_cast<int64_t>(launch.getParameterBytes()),
                       layersOf(launch),
                       {}};
    for (unsigned output = 0; output < launch.getOutputs().size(); ++output) {
      info.stores.push_back(describeStore(launch, output));
    }
    variant.launches.push_back(std::move(info));
  }
}

llvm::Expected<ModuleInfo> oriel::describeModule(ModuleOp module) {
  ModuleInfo info;
  auto preprocessing = readPreprocessing(module);
  if (!preprocessing) {
    return preprocessing.takeError();
  }
  info.preprocessing = *preprocessing;
  if (auto name = module->getAttrOfType<StringAttr>("oriel.model")) {
    info.modelName = name.getValue().str();
  }
  exec::ProgramOp program = *module.getOps<exec::ProgramOp>().begin();
  info.batch = static_cast<int32_t>(program.getBatch());
  for (auto [index, input] : llvm::enumerate(program.getOps<exec::InputOp>())) {
    info.inputs.push_back(describeTensor(input, "input", index));
  }
  for (auto [index, output] : llvm::enumerate(program.getOps<exec::OutputOp>())) {
    info.outputs.push_back(describeTensor(output, "output", index));
  }
  return info;
}

VariantInfo oriel::describeVariant(ModuleOp module) {
  VariantInfo variant;
  for (auto kernel : module.getOps<exec::KernelOp>()) {
    variant.kernels.push_back({kernel.getSymName().str(), kernel.getFamily().str()});
  }
  exec::ProgramOp program = *module.getOps<exec::ProgramOp>().begin();
  variant.storageType = numberOf(program.getPrecision());
  variant.arenaFixedBytes = program.getArenaFixedBytes();
  variant.arenaBytesPerItem = program.getArenaBytesPerItem();
  describeLaunches(program, variant);
  return variant;
}
