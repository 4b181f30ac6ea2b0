//===- oriel-tune.cpp - Looks for faster schedules of a model's kernels ---===//

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Tuning/TunedSchedules.h"
#include "compiler/Tuning/TuningSession.h"
#include "models/Registry.h"
#include "oriel/runtime.h"
#include "tools/oriel-tune/ModelTrial.h"
#include "tools/oriel-tune/Progress.h"
#include "tools/support/Tool.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/TargetParser/Host.h"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace mlir;
using namespace oriel;

namespace {

struct Options {
  std::string model;
  ModelOptions modelOptions;
  std::string target = "host";
  double budget = 600;
  std::string table = "tuning.json";
};

} // namespace

static constexpr const char *footer = R"(
Example:
  oriel-tune mobilevit_xxs --budget 300 --table tuning.json
  oriel-compile mobilevit_xxs --weights mobilevit_xxs.safetensors --tuning tuning.json -o mobilevit_xxs.so

What a kernel gains alone stays in the table only if it gains in the model, too.
What was tried is kept in TABLE.log: the same command goes on where it ended.
Exit code: 0 done, 1 failed, 2 wrong usage.)";

static void addOptions(CLI::App &app, Options &options) {
  app.add_option("MODEL", options.model, "a model of the zoo, or a .mlir file of phase exec")
      ->required();
  app.add_option("--set", options.modelOptions.settings, "change the model, as oriel-compile does")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--batch", options.modelOptions.batch, "images per run")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  app.add_option("--target", options.target, "processor to compile for")
      ->capture_default_str()
      ->check(CLI::IsMember({"host", "x86-64-v3", "x86-64-v4"}));
  app.add_option("--budget", options.budget,
                 "seconds to search, after each kernel was measured once and before what was found "
                 "is tried in the model")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--table", options.table, "table to write; entries of other kernels stay")
      ->capture_default_str()
      ->type_name("FILE");
  app.set_version_flag("--version", std::string("oriel-tune ") + ORIEL_VERSION);
}

/// The target, which this processor must be able to run.
static llvm::Expected<KernelTarget> resolveTarget(const std::string &name) {
  uint64_t features = oriel_cpu_features();
  bool hasV4 = (features & ORIEL_ISA_X86_64_V4) == ORIEL_ISA_X86_64_V4;
  bool hasV3 = (features & ORIEL_ISA_X86_64_V3) == ORIEL_ISA_X86_64_V3;
  bool runs = name == "x86-64-v4" ? hasV4 : hasV3;
  if (!runs) {
    return llvm::createStringError("this processor does not run " + name +
                                   ": tune on one that does");
  }
  return *KernelTarget::get(name != "host" ? name : hasV4 ? "x86-64-v4" : "x86-64-v3");
}

/// The model at phase exec.
static llvm::Expected<OwningOpRef<ModuleOp>> loadModel(MLIRContext &context, const Options &options,
                                                       const KernelTarget &target) {
  if (StringRef(options.model).ends_with(".mlir")) {
    DiagnosticCollector diagnostics(&context);
    auto module = parseSourceFile<ModuleOp>(options.model, &context);
    if (!module || phaseOf(*module) != Phase::Exec) {
      return diagnostics.takeError(options.model + " is not a module of phase exec");
    }
    return std::move(module);
  }
  auto module = buildModel(context, options.model, options.modelOptions);
  if (!module) {
    return module;
  }
  CompileOptions compileOptions;
  compileOptions.targets = {target};
  compileOptions.compileTo = Phase::Exec;
  compileOptions.output = "/dev/null";
  if (llvm::Error error = Compiler(compileOptions, {}).run(**module, nullptr)) {
    return std::move(error);
  }
  return module;
}

/// The table in a file, or an empty one where there is no such file yet.
static llvm::Expected<TuningTable> openTable(const std::string &path) {
  return llvm::sys::fs::exists(path) ? readTuningTable(path) : TuningTable();
}

/// Leaves in the table what gains in the model, and writes it. What stays is tried again without
/// what went, as kernels share caches.
static llvm::Error keepWhatGains(ModuleOp module, TuningTable &table, const TuningOptions &tuning,
                                 const std::string &path) {
  constexpr int mostTrials = 3;
  bool isSettled = false;
  for (int trial = 0; !isSettled && trial < mostTrials; ++trial) {
    isSettled = true;
    ModelGain gain = tryInModel(module, table, tuning.cpu, tuning.target);
    for (const KernelGain &kernel : gain.kernels) {
      bool isKept = isGain(kernel.gain);
      llvm::outs() << "in the model " << kernel.kernel << " (" << kernel.layer << ") is "
                   << describe(kernel.gain) << (isKept ? ": kept" : ": dropped") << "\n";
      TuningEntry entry = *table.lookup(tuning.cpu, kernel.key);
      entry.relativeTime = isKept ? 1 / meanRatio(kernel.gain) : 1;
      if (!isKept) {
        entry.parameters.clear();
      }
      table.set(tuning.cpu, kernel.key, std::move(entry));
      isSettled &= isKept;
    }
    if (!gain.kernels.empty()) {
      llvm::outs() << "the model is " << describe(gain.whole) << "\n";
    }
    llvm::outs().flush();
    if (llvm::Error error = writeTextFile(path, table.print())) {
      return error;
    }
  }
  return llvm::Error::success();
}

static llvm::Error run(const Options &options) {
  DialectRegistry registry;
  registerDialects(registry);
  // Schedules are tried in forked children, so the process must have no other threads.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  auto target = resolveTarget(options.target);
  if (!target) {
    return target.takeError();
  }
  auto module = loadModel(context, options, *target);
  if (!module) {
    return module.takeError();
  }
  auto table = openTable(options.table);
  if (!table) {
    return table.takeError();
  }
  TuningOptions tuning{*target, llvm::sys::getHostCPUName().str(), options.budget};
  auto log = TuningLog::open(options.table + ".log", tuning.cpu + "\n" + compilerIdentity());
  if (!log) {
    return log.takeError();
  }
  llvm::outs() << "measuring the kernels of " << options.model << " on " << tuning.cpu << "\n";
  llvm::outs().flush();
  TuningProgressPrinter progress(options.budget);
  auto session = TuningSession::start(
      **module, tuning, **log, [&](size_t done, size_t total) { progress.measured(done, total); });
  if (!session) {
    return session.takeError();
  }
  llvm::Error failure = writeTextFile(options.table, table->print());
  auto report = [&](const TuningProgress &step) {
    progress.searched(step);
    if (!failure) {
      failure = writeTextFile(options.table, table->print());
    }
  };
  (*session)->run(*table, report, [&](const std::string &warning) { progress.warn(warning); });
  if (failure) {
    return failure;
  }
  try {
    return keepWhatGains(**module, *table, tuning, options.table);
  } catch (const ToolError &error) {
    progress.warn("the table holds what gains alone, not tried in the model: " +
                  std::string(error.what()));
    return llvm::Error::success();
  }
}

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Looks for faster schedules of a model's kernels on this processor.", "oriel-tune");
  app.footer(footer);
  addOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &success) {
    return app.exit(success);
  } catch (const CLI::ParseError &error) {
    std::string text = error.what();
    std::cerr << "oriel-tune: error: " << text.substr(0, text.find('\n'))
              << "; see oriel-tune --help" << std::endl;
    return 2;
  }
  if (llvm::Error error = run(options)) {
    llvm::errs() << "oriel-tune: error: " << firstLine(toString(std::move(error))) << "\n";
    return 1;
  }
  return 0;
}
