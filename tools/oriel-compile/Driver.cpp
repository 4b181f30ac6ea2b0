//===- Driver.cpp - What oriel-compile does with its command line ---------===//

#include "tools/oriel-compile/Driver.h"

#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Pipeline/KernelCache.h"
#include "compiler/Target/ModuleFile.h"
#include "compiler/Transforms/Remarks.h"
#include "compiler/Tuning/TunedSchedules.h"
#include "frontend/ModuleParameters.h"
#include "frontend/PrintModel.h"
#include "models/Registry.h"
#include "oriel/runtime.h"
#include "tools/oriel-compile/Progress.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace oriel;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerDialects(registry);
  return registry;
}

// Kernels are made in forked children, so the process must have no other threads.
Driver::Driver(const CommandLine &line)
    : line(line), context(makeRegistry(), MLIRContext::Threading::DISABLED) {}

llvm::Expected<OwningOpRef<ModuleOp>> Driver::parseFile() {
  if (!line.settings.empty() || line.batchGiven) {
    return llvm::createStringError("--set and --batch change a model of the zoo; " + line.model +
                                   " is compiled as it is");
  }
  if (line.input == "f32") {
    return llvm::createStringError("--input=f32 is for a model of the zoo; " + line.model +
                                   " keeps the input that it has");
  }
  auto buffer = llvm::MemoryBuffer::getFile(line.model);
  if (!buffer) {
    return llvm::createStringError("cannot read " + line.model + ": " +
                                   buffer.getError().message());
  }
  DiagnosticCollector diagnostics(&context);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module) {
    return diagnostics.takeError(line.model + " is not a module of a phase of oriel-compile");
  }
  if (!(*module)->hasAttr("oriel.model")) {
    (*module)->setAttr("oriel.model", StringAttr::get(&context, llvm::sys::path::stem(line.model)));
  }
  return std::move(module);
}

llvm::Expected<OwningOpRef<ModuleOp>> Driver::loadModel() {
  if (llvm::sys::path::extension(line.model) == ".mlir") {
    return parseFile();
  }
  ModelOptions options;
  options.batch = line.batch;
  options.settings = line.settings;
  return buildModel(context, line.model, options);
}

/// Each mismatch as {"name", "text"}.
static llvm::json::Array listMismatches(llvm::ArrayRef<BindingMismatch> mismatches) {
  llvm::json::Array list;
  for (const BindingMismatch &mismatch : mismatches) {
    list.push_back(llvm::json::Object{{"name", mismatch.name}, {"text", mismatch.describe()}});
  }
  return list;
}

llvm::Expected<std::unique_ptr<ParameterSource>> Driver::loadWeights(ModuleOp module) {
  auto weights = openWeights(line.weights, collectParameters(module));
  if (!weights) {
    return weights.takeError();
  }
  report["mismatched_parameters"] = listMismatches(weights->binding.errors);
  report["unexpected_tensors"] = listMismatches(weights->binding.unexpected);
  if (auto error = weights->binding.formatError()) {
    return llvm::createStringError(*error);
  }
  if (auto warning = weights->binding.formatWarning()) {
    llvm::errs() << "oriel-compile: warning: " << *warning << "\n";
  }
  return std::move(weights->source);
}

/// The name of --target, or of the highest level that this processor runs.
static llvm::Expected<KernelTarget> resolveTarget(llvm::StringRef name) {
  if (name == "host") {
    uint64_t features = oriel_cpu_features();
    auto has = [&](uint64_t level) { return (features & level) == level; };
    if (has(ORIEL_ISA_X86_64_V4)) {
      name = "x86-64-v4";
    } else if (has(ORIEL_ISA_X86_64_V3)) {
      name = "x86-64-v3";
    } else {
      return llvm::createStringError("this processor lacks AVX2 or FMA, which every target needs; "
                                     "name the target to compile for another machine");
    }
  }
  return *KernelTarget::get(name);
}

/// The targets of --target, each once.
static llvm::Expected<std::vector<KernelTarget>>
resolveTargets(const std::vector<std::string> &names) {
  std::vector<KernelTarget> targets;
  for (const std::string &name : names) {
    auto target = resolveTarget(name);
    if (!target) {
      return target.takeError();
    }
    if (llvm::none_of(targets, [&](const auto &other) { return other.name == target->name; })) {
      targets.push_back(*target);
    }
  }
  return targets;
}

static llvm::Expected<std::vector<std::string>> readLabels(const std::string &path) {
  std::vector<std::string> labels;
  if (path.empty()) {
    return labels;
  }
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    return llvm::createStringError("cannot read " + path + ": " + buffer.getError().message());
  }
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  for (llvm::StringRef text : lines) {
    if (!text.trim().empty()) {
      labels.push_back(text.trim().str());
    }
  }
  return labels;
}

llvm::Expected<CompileOptions> Driver::makeOptions() {
  CompileOptions options;
  auto targets = resolveTargets(line.targets);
  if (!targets) {
    return targets.takeError();
  }
  auto labels = readLabels(line.labels);
  if (!labels) {
    return labels.takeError();
  }
  auto schedules = loadTunedSchedules(line.tuneFor, line.tuning);
  if (!schedules) {
    return schedules.takeError();
  }
  options.schedule = std::move(*schedules);
  options.targets = std::move(*targets);
  options.classNames = std::move(*labels);
  options.jobs = line.jobs;
  options.cacheFolder = line.noCache ? "" : defaultCacheFolder();
  options.takesPixels = line.input == "u8";
  options.compileTo = *parsePhase(line.compileTo);
  options.output = line.output;
  if (options.output.empty() && options.compileTo == Phase::Module) {
    options.output = (llvm::sys::path::stem(line.model) + ".so").str();
  }
  options.dumpDirectory = line.dumpDirectory;
  options.compilerVersion = ORIEL_VERSION;
  return options;
}

/// Fails where the labels are not one for each class.
static llvm::Error checkLabels(ModuleOp module, const CompileOptions &options,
                               const std::string &path) {
  auto main = module.lookupSymbol<FunctionOpInterface>("main");
  if (options.classNames.empty() || !main || main.getNumResults() == 0) {
    return llvm::Error::success();
  }
  auto type = dyn_cast<RankedTensorType>(main.getResultTypes()[0]);
  int64_t classes = type ? type.getShape().back() : 0;
  if (classes != static_cast<int64_t>(options.classNames.size())) {
    return llvm::createStringError(path + " has " + llvm::Twine(options.classNames.size()) +
                                   " class names, the model " + llvm::Twine(classes) + " classes");
  }
  return llvm::Error::success();
}

/// `LAYER: KIND by PASS: TEXT` on standard error, as compilers print remarks.
static void printRemark(const FusionRemark &remark) {
  llvm::errs() << (remark.layer.empty() ? "module" : remark.layer) << ": " << getName(remark.kind)
               << " by " << remark.pass << ": " << remark.text << "\n";
}

llvm::Error Driver::compile(ModuleOp module) {
  auto options = makeOptions();
  if (!options) {
    return options.takeError();
  }
  if (auto error = checkLabels(module, *options, line.labels)) {
    return error;
  }
  std::unique_ptr<ParameterSource> parameters;
  if (!line.weights.empty()) {
    auto source = loadWeights(module);
    if (!source) {
      return source.takeError();
    }
    parameters = std::move(*source);
  }
  // A phase's text on standard output stands there alone.
  bool quiet = options->output.empty() || options->output == "-";
  Compiler compiler(*options, quiet ? CompileProgress() : printProgress());
  llvm::json::Array remarks;
  (void)collectFusionRemarks(context, [&](const FusionRemark &remark) {
    remarks.push_back(toJson(remark));
    compiler.noteRemark(remark);
    if (line.remarks) {
      printRemark(remark);
    }
  });
  llvm::Error error = compiler.run(module, parameters.get());
  for (auto &entry : compiler.takeReport()) {
    report[entry.first] = std::move(entry.second);
  }
  report["remarks"] = std::move(remarks);
  if (!error && !quiet) {
    llvm::outs() << "wrote " << options->output << "\n";
    if (!options->dumpDirectory.empty()) {
      llvm::outs() << "wrote " << options->dumpDirectory << "/index.html, to open in a browser\n";
    }
  }
  return error;
}

llvm::Error Driver::writeReport() {
  if (line.report.empty()) {
    return llvm::Error::success();
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report)));
  return writeTextFile(line.report, text);
}

llvm::Error Driver::run() {
  if (line.listModels) {
    for (const ZooModel &model : getZooModels()) {
      llvm::outs() << llvm::left_justify(model.name, 32) << model.description << "\n";
    }
    return llvm::Error::success();
  }
  auto module = loadModel();
  if (!module) {
    return module.takeError();
  }
  if (line.printModel) {
    printModel(**module, llvm::outs());
    return llvm::Error::success();
  }
  if (!line.report.empty()) {
    // Before any work, so that a path that cannot be written leaves no module either.
    if (auto error = checkModulePath(line.report)) {
      return error;
    }
  }
  report["version"] = 2;
  report["model"] = line.model;
  llvm::Error error = compile(**module);
  return llvm::joinErrors(std::move(error), writeReport());
}
