//===- kernel-bench.cpp - Kernels beside the peaks of the machine ---------===//
//
// Measures the kernels of a model or, without one, the cases of BenchCases.cpp. Prints of each, on
// one and on two threads, its best time, its share of the peaks of arithmetic and bandwidth, and
// how far it is from its limit, max(flops / peak + functions * cost, bytes / bandwidth). Times are
// processor times, so that other work on the machine shows less; on two threads that of the longer
// half.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Pipeline/KernelJobs.h"
#include "models/Registry.h"
#include "tests/bench/BenchCases.h"
#include "tests/bench/BenchReport.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>

using namespace mlir;
using namespace oriel;
using namespace oriel::bench;
using namespace oriel::test;

namespace {

struct Options {
  std::string model, filter, target = "x86-64-v3";
  ModelOptions modelOptions;
  bool statement = false, json = false, peaks = false;
};

/// Measures kernels one by one and prints each at once, or all as JSON at the end.
class Bench {
public:
  explicit Bench(const Options &options)
      : options(options), target(*KernelTarget::get(options.target)) {}

  llvm::Error run();

private:
  llvm::Error measureCases();
  llvm::Error measureModel();
  llvm::Error measure(const KernelRequest &request, const std::string &name, int launches,
                      const std::string &layer);
  bool isWanted(const std::string &name) const {
    return name.find(options.filter) != std::string::npos;
  }

  const Options &options;
  KernelTarget target;
  MachinePeaks peaks;
  std::vector<Measurement> measurements;
};

} // namespace

llvm::Error Bench::measure(const KernelRequest &request, const std::string &name, int launches,
                           const std::string &layer) {
  auto measurement = measureKernel(request);
  if (!measurement) {
    return llvm::createStringError(name + ": " + llvm::toString(measurement.takeError()));
  }
  measurement->name = name;
  measurement->launches = launches;
  measurement->layer = layer;
  if (!options.json) {
    llvm::outs() << (options.statement ? measurement->statement : "")
                 << formatMeasurement(*measurement, peaks);
    llvm::outs().flush();
  }
  measurements.push_back(std::move(*measurement));
  return llvm::Error::success();
}

llvm::Error Bench::measureCases() {
  for (const Case &benchmark : makeCases()) {
    if (isWanted(benchmark.name)) {
      RegionBuilder region;
      benchmark.build(region);
      KernelRequest request{region.kernel, region.inputs, region.outputs, "kernel", target};
      if (llvm::Error error = measure(request, benchmark.name, 1, "")) {
        return error;
      }
    }
  }
  return llvm::Error::success();
}

/// A dump of phase exec, or a model of the zoo taken there.
static llvm::Expected<OwningOpRef<ModuleOp>> loadModule(MLIRContext &context,
                                                        const Options &options) {
  if (!StringRef(options.model).ends_with(".mlir")) {
    auto module = buildModel(context, options.model, options.modelOptions);
    if (!module) {
      return module.takeError();
    }
    CompileOptions compileOptions;
    compileOptions.targets = {*KernelTarget::get(options.target)};
    compileOptions.compileTo = Phase::Exec;
    compileOptions.output = "/dev/null";
    if (llvm::Error error = Compiler(compileOptions, {}).run(**module, nullptr)) {
      return error;
    }
    return module;
  }
  DiagnosticCollector diagnostics(&context);
  auto module = parseSourceFile<ModuleOp>(options.model, &context);
  if (!module) {
    return diagnostics.takeError("cannot read " + options.model);
  }
  return module;
}

llvm::Error Bench::measureModel() {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  auto module = loadModule(context, options);
  if (!module) {
    return module.takeError();
  }
  llvm::StringMap<SmallVector<exec::LaunchOp>> launches;
  (*module)->walk([&](exec::LaunchOp launch) { launches[launch.getKernel()].push_back(launch); });
  for (auto kernel : (*module)->getOps<exec::KernelOp>()) {
    std::string name = kernel.getSymName().str();
    if (isWanted(name)) {
      const SmallVector<exec::LaunchOp> &uses = launches[name];
      std::string layer = uses.empty() ? "" : getLayerName(uses.front()->getLoc()).str();
      if (llvm::Error error = measure(makeKernelRequest(kernel, target), name,
                                      static_cast<int>(uses.size()), layer)) {
        return error;
      }
    }
  }
  return llvm::Error::success();
}

llvm::Error Bench::run() {
  auto measured = measureMachine(target);
  if (!measured) {
    return measured.takeError();
  }
  peaks = std::move(*measured);
  if (!options.json) {
    llvm::outs() << formatPeaks(peaks);
  }
  if (!options.peaks) {
    if (llvm::Error error = options.model.empty() ? measureCases() : measureModel()) {
      return error;
    }
  }
  if (options.json) {
    llvm::json::Object json = options.peaks ? toJson(peaks) : toJson(measurements, peaks);
    llvm::outs() << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(json)));
  } else if (!options.model.empty() && !options.peaks) {
    llvm::outs() << formatTotal(measurements, peaks);
  }
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Measures kernels beside the peaks of the machine.", "kernel-bench");
  app.add_option("MODEL", options.model,
                 "a model of the zoo, or a .mlir file of phase exec; without one, bare kernels");
  app.add_option("--batch", options.modelOptions.batch, "images per run of the model");
  app.add_option("--set", options.modelOptions.settings, "change the model, as in oriel-compile")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--target", options.target, "processor to compile for")
      ->capture_default_str()
      ->check(CLI::IsMember({"x86-64-v3", "x86-64-v4"}));
  app.add_option("--filter", options.filter, "only kernels whose name contains this");
  app.add_flag("--statement", options.statement, "print Halide's statement of each kernel");
  app.add_flag("--peaks", options.peaks, "print the peaks of the machine and end");
  app.add_flag("--json", options.json, "print one JSON object");
  CLI11_PARSE(app, argc, argv);
  Bench bench(options);
  if (llvm::Error error = bench.run()) {
    llvm::errs() << "kernel-bench: error: " << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
