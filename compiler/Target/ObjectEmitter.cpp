//===- ObjectEmitter.cpp - LLVM IR to an object file ----------------------===//

#include "compiler/Target/ObjectEmitter.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

using namespace llvm;

static Error makeError(const Twine &message) {
  return createStringError("emitting the module's code failed: " + message);
}

/// First line of a text that LLVM wrote.
static std::string firstLine(StringRef text) { return text.trim().split('\n').first.str(); }

static Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(const oriel::ObjectOptions &options) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  Triple triple("x86_64-unknown-linux-gnu");
  std::string reason;
  const Target *target = TargetRegistry::lookupTarget(triple, reason);
  if (!target) {
    return makeError(firstLine(reason));
  }
  // An unknown processor or feature would only be warned about, on stderr.
  std::unique_ptr<MCSubtargetInfo> known(target->createMCSubtargetInfo(triple, "", ""));
  if (!known->isCPUStringValid(options.cpu)) {
    return makeError("unknown processor '" + options.cpu + "'");
  }
  SmallVector<StringRef> features;
  StringRef(options.features).split(features, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : features) {
    auto hasName = [&](const SubtargetFeatureKV &entry) {
      return entry.Key == feature.drop_front();
    };
    if ((feature[0] != '+' && feature[0] != '-') ||
        none_of(known->getAllProcessorFeatures(), hasName)) {
      return makeError("unknown processor feature '" + feature + "'");
    }
  }
  TargetOptions targetOptions;
  targetOptions.FunctionSections = true;
  targetOptions.DataSections = true;
  return std::unique_ptr<TargetMachine>(
      target->createTargetMachine(triple, options.cpu, options.features, targetOptions, Reloc::PIC_,
                                  CodeModel::Small, CodeGenOptLevel::Default));
}

static void optimize(Module &module, TargetMachine &machine) {
  LoopAnalysisManager loopAnalyses;
  FunctionAnalysisManager functionAnalyses;
  CGSCCAnalysisManager callGraphAnalyses;
  ModuleAnalysisManager moduleAnalyses;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(moduleAnalyses);
  builder.registerCGSCCAnalyses(callGraphAnalyses);
  builder.registerFunctionAnalyses(functionAnalyses);
  builder.registerLoopAnalyses(loopAnalyses);
  builder.crossRegisterProxies(loopAnalyses, functionAnalyses, callGraphAnalyses, moduleAnalyses);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2).run(module, moduleAnalyses);
}

namespace {
/// Keeps the first error of code generation; without a handler LLVM would exit.
struct FirstError : DiagnosticHandler {
  explicit FirstError(std::string &text) : text(text) {}
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() == DS_Error && text.empty()) {
      raw_string_ostream out(text);
      DiagnosticPrinterRawOStream printer(out);
      info.print(printer);
    }
    return true;
  }
  std::string &text;
};
} // namespace

Expected<std::string> oriel::emitObject(Module &module, const ObjectOptions &options) {
  std::string reason;
  raw_string_ostream reasonStream(reason);
  if (verifyModule(module, &reasonStream)) {
    return makeError("the LLVM IR is invalid: " + firstLine(reason));
  }
  auto machine = createTargetMachine(options);
  if (!machine) {
    return machine.takeError();
  }
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  LLVMContext &context = module.getContext();
  auto previousHandler = context.getDiagnosticHandler();
  context.setDiagnosticHandler(std::make_unique<FirstError>(reason));
  optimize(module, **machine);
  SmallString<0> object;
  raw_svector_ostream objectStream(object);
  legacy::PassManager codegen;
  bool unsupported =
      (*machine)->addPassesToEmitFile(codegen, objectStream, nullptr, CodeGenFileType::ObjectFile);
  if (!unsupported) {
    codegen.run(module);
  }
  context.setDiagnosticHandler(std::move(previousHandler));
  if (unsupported) {
    return makeError("the target cannot write object files");
  }
  if (!reason.empty()) {
    return makeError(firstLine(reason));
  }
  return object.str().str();
}
