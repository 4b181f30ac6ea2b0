//===- Compiler.cpp - From a graph to a shared library --------------------===//

#include "compiler/Pipeline/Compiler.h"

#include "compiler/Conversion/Passes.h"
#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Pipeline/ExtractKernel.h"
#include "compiler/Pipeline/ModuleEmitter.h"
#include "compiler/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace oriel;

void oriel::registerDialects(DialectRegistry &registry) {
  registry.insert<OrielDialect, exec::ExecDialect, func::FuncDialect, LLVM::LLVMDialect>();
}

Phase oriel::phaseOf(ModuleOp module) {
  // A dump from between the passes to phase exec still bears the phase before.
  if (!module.getOps<exec::ProgramOp>().empty()) {
    return Phase::Exec;
  }
  if (auto name = module->getAttrOfType<StringAttr>(phaseAttribute)) {
    if (auto phase = parsePhase(name.getValue())) {
      return *phase;
    }
  }
  auto main = module.lookupSymbol<func::FuncOp>("main");
  bool hasKernel =
      main && main.walk([](KernelOp) { return WalkResult::interrupt(); }).wasInterrupted();
  return hasKernel ? Phase::Fused : Phase::Graph;
}

static void setPhase(ModuleOp module, Phase phase) {
  module->setAttr(phaseAttribute, StringAttr::get(module.getContext(), phaseInfo(phase).name));
}

/// The passes that take a module of the phase before to `phase`, in order. Those to phase exec also
/// complete a module that is between the two: they change nothing the second time.
static std::vector<std::unique_ptr<Pass>> passesTo(Phase phase, ModuleOp module,
                                                   const CompileOptions &options) {
  std::vector<std::unique_ptr<Pass>> passes;
  if (phase == Phase::Fused) {
    auto isGpu = [](const KernelTarget &target) { return target.isGpu(); };
    passes = createFusionPasses({.forDevices = llvm::any_of(options.targets, isGpu)});
  } else if (phase == Phase::Exec) {
    if (phaseOf(module) < Phase::Exec) {
      passes.push_back(createGraphToExecPass({options.precision}));
    }
    // Before the arena is planned: kernels are equal only on equal layouts, offsets play no part.
    passes.push_back(createShareKernelsPass());
    passes.push_back(createPlanArenaPass());
  }
  return passes;
}

/// Runs the passes to `phase` one by one, with a dump after each that changed something.
llvm::Error Compiler::lowerTo(Phase phase, ModuleOp module) {
  progress.phase(phase);
  DiagnosticCollector diagnostics(module.getContext());
  StringRef name = phaseInfo(phase).name;
  for (std::unique_ptr<Pass> &pass : passesTo(phase, module, options)) {
    std::string flag = pass->getArgument().str();
    PassManager manager(module.getContext(), ModuleOp::getOperationName(),
                        PassManager::Nesting::Implicit);
    manager.addPass(std::move(pass));
    if (failed(manager.run(module))) {
      llvm::json::Array texts;
      for (const std::string &text : diagnostics.all()) {
        texts.push_back(text);
      }
      report["diagnostics"] = std::move(texts);
      return diagnostics.takeError("pass " + flag + " failed");
    }
    if (auto error = dump.writePass(name, flag, module)) {
      return error;
    }
  }
  return finishPhase(phase, module);
}

llvm::Error Compiler::finishPhase(Phase phase, ModuleOp module) {
  setPhase(module, phase);
  if (ReportPage *page = dump.getPage()) {
    if (phase == Phase::Graph) {
      page->addGraph(module);
    } else if (phase == Phase::Fused) {
      page->addKernels(module);
    } else if (phase == Phase::Exec) {
      page->addProgram(module);
    }
  }
  return dump.writePhase(phaseInfo(phase).name, module);
}

llvm::Error Compiler::takePixels(Phase phase, ModuleOp module) {
  if (phase != Phase::Graph) {
    return llvm::createStringError("the module is of phase " + phaseInfo(phase).name +
                                   ": its input can be chosen on phase graph only");
  }
  DiagnosticCollector diagnostics(module.getContext());
  PassManager manager(module.getContext());
  manager.addPass(createTakePixelsPass());
  return succeeded(manager.run(module)) ? llvm::Error::success()
                                        : diagnostics.takeError("pass take-pixels failed");
}

llvm::Error Compiler::run(ModuleOp module, const ParameterSource *parameters) {
  Phase phase = phaseOf(module);
  if (phase > Phase::Exec) {
    return llvm::createStringError(
        "a module of phase " + phaseInfo(phase).name +
        " cannot be compiled further; give one of phase graph, fused or exec");
  }
  if (phase > options.compileTo) {
    return llvm::createStringError("the module is of phase " + phaseInfo(phase).name +
                                   " already; --compile-to must name that or a later one");
  }
  if (options.takesPixels) {
    if (auto error = takePixels(phase, module)) {
      return error;
    }
  }
  if (auto error = dump.open()) {
    return error;
  }
  llvm::Error error = runFrom(phase, module, parameters);
  return writePage(module, std::move(error));
}

llvm::Error Compiler::writePage(ModuleOp module, llvm::Error error) {
  if (ReportPage *page = dump.getPage()) {
    auto name = module->getAttrOfType<StringAttr>("oriel.model");
    page->set("model", name ? name.getValue() : "model");
    page->set("compiler", options.compilerVersion);
    if (error) {
      std::string text = toString(std::move(error));
      page->set("error", firstLine(text));
      error = llvm::createStringError(text);
    }
  }
  return llvm::joinErrors(std::move(error), dump.writePage());
}

llvm::Error Compiler::runFrom(Phase phase, ModuleOp module, const ParameterSource *parameters) {
  progress.phase(phase);
  if (auto error = finishPhase(phase, module)) {
    return error;
  }
  Phase last = std::min(options.compileTo, Phase::Exec);
  bool complete = phase == last && phase != Phase::Exec;
  while (!complete) {
    phase = std::min(last, static_cast<Phase>(static_cast<int>(phase) + 1));
    complete = phase == last;
    if (auto error = lowerTo(phase, module)) {
      return error;
    }
  }
  if (!options.extractedKernel.empty()) {
    auto kernel = extractKernel(module, options.extractedKernel);
    return kernel ? writeTextFile(options.output, printModule(**kernel)) : kernel.takeError();
  }
  if (options.compileTo <= Phase::Exec) {
    return writeTextFile(options.output, printModule(module));
  }
  return ModuleEmitter(options, progress, dump, report).run(module, parameters);
}
