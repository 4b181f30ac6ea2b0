//===- ModuleMetadata.cpp - What a module's tables say --------------------===//

#include "compiler/Pipeline/ModuleMetadata.h"

#include "compiler/Dialect/Exec/ExecDialect.h"

using namespace mlir;
using namespace oriel;

/// A buffer's element type, and shape at batch 1.
static TensorInfo describeTensor(Value buffer, StringRef kind, int64_t index) {
  TensorInfo info;
  StringRef name = getLayerName(buffer.getLoc());
  info.name =
      name.empty() ? index == 0 ? kind.str() : (kind + "_" + Twine(index)).str() : name.str();
  RankedTensorType tensor = cast<exec::BufferType>(buffer.getType()).getTensor();
  info.dims.assign(tensor.getShape().begin(), tensor.getShape().end());
  info.dims[0] = 1;
  info.elementType =
      elementTypeOf(tensor) == ElementType::U8 ? ORIEL_ELEMENT_U8 : ORIEL_ELEMENT_F32;
  return info;
}

static void describeLaunches(exec::ProgramOp program, VariantInfo &variant) {
  llvm::StringMap<int32_t> indices;
  for (auto [index, kernel] : llvm::enumerate(variant.kernels)) {
    indices[kernel.name] = static_cast<int32_t>(index);
  }
  for (auto [index, launch] : llvm::enumerate(program.getOps<exec::LaunchOp>())) {
    std::string layer = getLayerName(launch.getLoc()).str();
    variant.launches.push_back({"launch_" + std::to_string(index), layer,
                                indices.at(launch.getKernel()), launch.getMovesOnly(),
                                static_cast<int64_t>(launch.getFlops()),
                                static_cast<int64_t>(launch.getBytes()),
                                static_cast<int64_t>(launch.getParameterBytes())});
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
  variant.arenaFixedBytes = program.getArenaFixedBytes();
  variant.arenaBytesPerItem = program.getArenaBytesPerItem();
  describeLaunches(program, variant);
  return variant;
}
