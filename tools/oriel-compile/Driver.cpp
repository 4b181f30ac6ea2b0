//===- Driver.cpp - What oriel-compile does with its command line ---------===//

#include "tools/oriel-compile/Driver.h"

#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Target/ModuleFile.h"
#include "compiler/Transforms/Remarks.h"
#include "frontend/ModuleParameters.h"
#include "frontend/PrintModel.h"
#include "models/Registry.h"
#include "tools/oriel-compile/Progress.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace oriel;

Driver::Driver(const CommandLine &line) : line(line), context(makeCompilerContext()) {}

llvm::Expected<OwningOpRef<ModuleOp>> Driver::loadModel() {
  if (llvm::sys::path::extension(line.source.model) == ".mlir" && line.input == "f32") {
    return llvm::createStringError("--input=f32 is for a model of the zoo; " + line.source.model +
                                   " keeps the input that it has");
  }
  return oriel::loadModel(*context, line.source);
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
  auto weights = openWeights(line.source.weights, collectParameters(module));
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
  auto options = makeCompileOptions(line.source);
  if (!options) {
    return options;
  }
  auto labels = readLabels(line.labels);
  if (!labels) {
    return labels.takeError();
  }
  options->classNames = std::move(*labels);
  options->takesPixels = line.input == "u8";
  options->compileTo = *parsePhase(line.compileTo);
  options->extractedKernel = line.extractedKernel;
  options->output = line.output;
  if (options->output.empty() && options->compileTo == Phase::Module) {
    options->output = (llvm::sys::path::stem(line.source.model) + ".so").str();
  }
  options->dumpDirectory = line.dumpDirectory;
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
  if (auto error = checkPrecision(module, *options, line.source)) {
    return error;
  }
  std::unique_ptr<ParameterSource> parameters;
  if (!line.source.weights.empty()) {
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
  (void)collectFusionRemarks(*context, [&](const FusionRemark &remark) {
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
  report["model"] = line.source.model;
  llvm::Error error = compile(**module);
  return llvm::joinErrors(std::move(error), writeReport());
}
