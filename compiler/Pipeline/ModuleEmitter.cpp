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

/// ORIEL_ISA_* that code for the target may use.
static uint64_t featuresOf(const KernelTarget &target) {
  if (target.isGpu()) {
    return 0;
  }
  return target.hasAvx512 ? ORIEL_ISA_X86_64_V4 : ORIEL_ISA_X86_64_V3;
}

ModuleEmitter::ModuleEmitter(const CompileOptions &options, const CompileProgress &progress,
                             IRDump &dump, llvm::json::Object &report)
    : options(options), targets(options.targets), progress(progress), dump(dump), report(report) {
  // Most demanding first, as the runtime takes the first that it can; in one order, however the
  // targets were given.
  llvm::sort(targets, [](const KernelTarget &a, const KernelTarget &b) {
    return std::pair(-llvm::popcount(featuresOf(a)), a.name) <
           std::pair(-llvm::popcount(featuresOf(b)), b.name);
  });
}

llvm::Expected<std::vector<TargetKernels>> ModuleEmitter::makeKernels(ModuleOp module) {
  std::string details;
  KernelCache cache(options.cacheFolder);
  auto kernels = compileKernels(
      module, {targets, options.jobs, cache, options.schedule, progress.kernels}, details);
  if (!kernels) {
    report["diagnostics"] = llvm::json::Array({llvm::json::fixUTF8(details)});
    return kernels.takeError();
  }
  report["kernel_cache"] =
      llvm::json::Object{{"folder", cache.getFolder()}, {"hits", kernels->cachedCount}};
  for (auto [target, list] : llvm::zip_equal(targets, kernels->lists)) {
    for (const NamedKernel &kernel : list) {
      if (!kernel.ignored.empty()) {
        progress.remark("kernel '" + kernel.name + "' (layer '" + kernel.layer + "') for " +
                        target.name + " does not take " + kernel.ignored +
                        " of its tuning entry: the cost model chooses instead");
      }
      std::string file = "kernels/" + kernel.name + "." + target.name + ".stmt";
      std::string text =
          "schedule: " + kernel.compiled.schedule + "\n\n" + kernel.compiled.statement;
      if (auto error = dump.writeText(file, text)) {
        return std::move(error);
      }
      if (ReportPage *page = dump.getPage()) {
        page->addCode(kernel.name, target.name, kernel.compiled);
      }
      if (target.isGpu()) {
        std::string source =
            "kernels/" + kernel.name + "." + getSourceExtension(target.device).str();
        if (auto error = dump.writeText(source, kernel.compiled.deviceSource)) {
          return std::move(error);
        }
      }
    }
  }
  return std::move(kernels->lists);
}

/// The orchestration's object; its LLVM IR after optimisation goes to `ir`.
llvm::Expected<std::string>
ModuleEmitter::makeOrchestration(ModuleOp module, const ModuleInfo &info, std::string &ir) {
  DiagnosticCollector diagnostics(module.getContext());
  OwningOpRef<ModuleOp> lowered(module.clone());
  PassManager manager(module.getContext());
  ExecToLLVMPassOptions passOptions;
  for (const KernelTarget &target : targets) {
    passOptions.targets.push_back(target.name);
  }
  manager.addPass(createExecToLLVMPass(passOptions));
  if (failed(manager.run(*lowered))) {
    return diagnostics.takeError("pass exec-to-llvm failed");
  }
  (*lowered)->setAttr(phaseAttribute,
                      StringAttr::get(module.getContext(), phaseInfo(Phase::LLVM).name));
  if (auto error = dump.writePhase(phaseInfo(Phase::LLVM).name, *lowered)) {
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

void ModuleEmitter::reportKernels(llvm::ArrayRef<TargetKernels> kernels, const ModuleInfo &info) {
  llvm::json::Array list;
  for (auto [variant, ofTarget] : llvm::zip_equal(info.variants, kernels)) {
    for (auto [index, kernel] : llvm::enumerate(ofTarget)) {
      llvm::json::Array layers;
      for (const LaunchInfo &launch : variant.launches) {
        if (launch.kernel == static_cast<int32_t>(index)) {
          layers.push_back(launch.layers.front());
        }
      }
      llvm::json::Object parameters;
      for (const ScheduleChoice &choice : kernel.compiled.choices) {
        parameters[choice.name] = choice.chosen;
      }
      llvm::json::Object entry{
          {"name", kernel.name},
          {"target", variant.target},
          {"family", variant.kernels[index].family},
          {"schedule", kernel.compiled.schedule},
          {"parameters", std::move(parameters)},
          {"object_bytes", static_cast<int64_t>(kernel.compiled.object.size())},
          {"scratch_bytes", kernel.compiled.scratchBytes},
          {"layers", std::move(layers)}};
      if (!kernel.ignored.empty()) {
        entry["ignored_parameters"] = kernel.ignored;
      }
      list.push_back(std::move(entry));
    }
  }
  report["kernels"] = std::move(list);
}

/// A core's second-level cache and its share of the last, roughly. (Measured on Zen 4 at batch 8:
/// slices of 4 to 7 MB of arena are the fastest on one thread, of 7 to 14 MB on two.)
static constexpr uint64_t nearCacheBytes = 6 << 20;

/// The module's tables, with a variant for each target.
llvm::Expected<ModuleInfo> ModuleEmitter::describe(ModuleOp module,
                                                   llvm::ArrayRef<TargetKernels> kernels) {
  auto info = describeModule(module);
  if (!info) {
    return info;
  }
  info->compilerVersion = options.compilerVersion;
  info->classNames = options.classNames;
  for (auto [target, list] : llvm::zip_equal(targets, kernels)) {
    VariantInfo variant = describeVariant(module);
    variant.device = getName(target.device).str();
    variant.target = target.name;
    variant.requiredFeatures = featuresOf(target);
    variant.runFunction = variantSymbol(runFunctionName, target.name);
    variant.runLaunchFunction = variantSymbol(runLaunchFunctionName, target.name);
    variant.cacheBytesPerWorker = target.isGpu() ? 0 : nearCacheBytes;
    variant.scratchBytesPerWorker = 0;
    for (const NamedKernel &kernel : list) {
      variant.scratchBytesPerWorker =
          std::max<uint64_t>(variant.scratchBytesPerWorker, kernel.compiled.scratchBytes);
    }
    info->variants.push_back(std::move(variant));
  }
  return info;
}

llvm::Error ModuleEmitter::writeModule(ModuleOp module, const ParameterSource &parameters,
                                       const ModuleInfo &info, StringRef orchestration,
                                       llvm::ArrayRef<TargetKernels> kernels) {
  std::vector<llvm::MemoryBufferRef> objects = {{orchestration, "orchestration"}};
  for (const TargetKernels &list : kernels) {
    for (const NamedKernel &kernel : list) {
      objects.emplace_back(kernel.compiled.object, kernel.name);
    }
  }
  DiagnosticCollector diagnostics(module.getContext());
  auto layout = computeParameterLayout(module);
  if (failed(layout)) {
    return diagnostics.takeError("@prepare has no layout");
  }
  auto variants = llvm::map_to_vector(info.variants, [](const VariantInfo &variant) {
    return ModuleFileVariant{variant.requiredFeatures, variant.target};
  });
  auto write = [&](ParameterBlockWriter &writer) {
    return prepareParameters(module, parameters, writer);
  };
  return writeModuleFile(options.output, {objects, variants, *layout, write});
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
  auto info = describe(module, *kernels);
  if (!info) {
    return info.takeError();
  }
  reportKernels(*kernels, *info);

  progress.phase(Phase::LLVM);
  std::string ir;
  auto orchestration = makeOrchestration(module, *info, ir);
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
  return writeModule(module, *parameters, *info, *orchestration, *kernels);
}
