//===- ModuleEmitter.cpp - From the exec phase to the shared library ------===//

#include "compiler/Pipeline/ModuleEmitter.h"

#include "compiler/Conversion/Passes.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Pipeline/ModuleMetadata.h"
#include "compiler/Target/ModuleFile.h"
#include "compiler/Target/ObjectEmitter.h"
#include "compiler/Target/PrepareParameters.h"
#include "oriel/module_abi.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace oriel;

/// ORIEL_ISA_* that kernels for the target may use.
static uint64_t featuresOf(const KernelTarget &target) {
  return target.hasAvx512() ? ORIEL_ISA_X86_64_V4 : ORIEL_ISA_X86_64_V3;
}

llvm::Expected<std::vector<NamedKernel>> ModuleEmitter::makeKernels(ModuleOp module) {
  std::string details;
  auto kernels = compileKernels(module, options.target, options.jobs, progress.kernels, details);
  if (!kernels) {
    report["diagnostics"] = llvm::json::Array({llvm::json::fixUTF8(details)});
    return kernels.takeError();
  }
  for (const NamedKernel &kernel : *kernels) {
    std::string text = "schedule: " + kernel.compiled.schedule + "\n\n" + kernel.compiled.statement;
    if (auto error = dump.writeText("kernels/" + kernel.name + ".stmt", text)) {
      return std::move(error);
    }
  }
  return kernels;
}

/// The orchestration's object; its LLVM IR after optimisation goes to `ir`.
llvm::Expected<std::string>
ModuleEmitter::makeOrchestration(ModuleOp module, const ModuleInfo &info, std::string &ir) {
  DiagnosticCollector diagnostics(module.getContext());
  OwningOpRef<ModuleOp> lowered(module.clone());
  PassManager manager(module.getContext());
  manager.addPass(createExecToLLVMPass());
  if (failed(manager.run(*lowered))) {
    return diagnostics.takeError("pass exec-to-llvm failed");
  }
  (*lowered)->setAttr(phaseAttribute,
                      StringAttr::get(module.getContext(), phaseInfo(Phase::LLVM).name));
  if (auto error = dump.writeModule(phaseInfo(Phase::LLVM).name, *lowered)) {
    return std::move(error);
  }
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(*lowered, context, info.modelName);
  if (!llvmModule) {
    return diagnostics.takeError("the orchestration does not translate to LLVM IR");
  }
  addModuleTables(*llvmModule, info);
  auto object = emitObject(*llvmModule, ObjectOptions());
  llvm::raw_string_ostream(ir) << *llvmModule;
  return object;
}

void ModuleEmitter::reportKernels(const std::vector<NamedKernel> &kernels, const ModuleInfo &info) {
  llvm::json::Array list;
  for (auto [index, kernel] : llvm::enumerate(kernels)) {
    llvm::json::Array layers;
    for (const LaunchInfo &launch : info.variant.launches) {
      if (launch.kernel == static_cast<int32_t>(index)) {
        layers.push_back(launch.layer);
      }
    }
    list.push_back(
        llvm::json::Object{{"name", kernel.name},
                           {"family", info.variant.kernels[index].family},
                           {"schedule", kernel.compiled.schedule},
                           {"object_bytes", static_cast<int64_t>(kernel.compiled.object.size())},
                           {"scratch_bytes", kernel.compiled.scratchBytes},
                           {"layers", std::move(layers)}});
  }
  report["kernels"] = std::move(list);
}

llvm::Error ModuleEmitter::run(ModuleOp module, const ParameterSource *parameters) {
  bool toModule = options.compileTo == Phase::Module;
  if (toModule) {
    if (auto error = checkModulePath(options.output)) {
      return error;
    }
  }
  auto kernels = makeKernels(module);
  if (!kernels) {
    return kernels.takeError();
  }
  auto described = describeModule(module);
  if (!described) {
    return described.takeError();
  }
  ModuleInfo &info = *described;
  info.compilerVersion = options.compilerVersion;
  info.classNames = options.classNames;
  info.variant.target = options.target.name;
  info.variant.requiredFeatures = featuresOf(options.target);
  info.variant.runFunction = runFunctionName.str();
  info.variant.scratchBytesPerWorker = 0;
  for (const NamedKernel &kernel : *kernels) {
    info.variant.scratchBytesPerWorker =
        std::max<uint64_t>(info.variant.scratchBytesPerWorker, kernel.compiled.scratchBytes);
  }
  reportKernels(*kernels, info);

  progress.phase(Phase::LLVM);
  std::string ir;
  auto orchestration = makeOrchestration(module, info, ir);
  if (!orchestration) {
    return orchestration.takeError();
  }
  if (auto error = dump.writeText("llvm.ll", ir)) {
    return error;
  }
  if (!toModule) {
    return writeTextFile(options.output, ir);
  }

  progress.phase(Phase::Module);
  std::vector<llvm::MemoryBufferRef> objects = {{*orchestration, "orchestration"}};
  for (const NamedKernel &kernel : *kernels) {
    objects.emplace_back(kernel.compiled.object, kernel.name);
  }
  DiagnosticCollector diagnostics(module.getContext());
  auto layout = computeParameterLayout(module);
  if (failed(layout)) {
    return diagnostics.takeError("@prepare has no layout");
  }
  auto write = [&](ParameterBlockWriter &writer) {
    return prepareParameters(module, *parameters, writer);
  };
  return writeModuleFile(options.output, {objects, info.variant.requiredFeatures,
                                          info.variant.target, *layout, write});
}
