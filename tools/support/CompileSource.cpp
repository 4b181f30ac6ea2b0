//===- CompileSource.cpp - What to compile, as command lines say it -------===//

#include "tools/support/CompileSource.h"

#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Pipeline/KernelCache.h"
#include "compiler/Tuning/TunedSchedules.h"
#include "models/Registry.h"
#include "oriel/runtime.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

#include <thread>

using namespace mlir;
using namespace oriel;

void oriel::addModelOptions(CLI::App &app, CompileSource &source) {
  app.add_option("MODEL", source.model,
                 "a model of the zoo, or a .mlir file of phase graph, fused or exec");
  app.add_option("--weights", source.weights, "safetensors file, or random:SEED")
      ->type_name("FILE");
  app.add_option(
         "--set", source.settings,
         "change the model: image_size, num_classes, window_size, patch_size, embed_dim, depths, "
         "num_heads, mlp_ratio, crop_pct, mean, std, interpolation")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--batch", source.batch, "images per run")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
}

std::vector<std::string> oriel::targetNames() {
  return {"host", "x86-64-v3", "x86-64-v4", "opencl", "cuda"};
}

void oriel::addTargetOptions(CLI::App &app, CompileSource &source) {
  app.add_option(
         "--target", source.targets,
         "processors and devices to compile for, with commas between: the module has code for "
         "each and the runtime takes the best processor's unless told which device")
      ->capture_default_str()
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::IsMember(targetNames()));
  app.add_option("--precision", source.precision,
                 "what the module's memory holds of weights and activations, f32 (default) or f16, "
                 "for devices only; arithmetic is f32, and so are inputs and outputs")
      ->check(CLI::IsMember({"f32", "f16"}));
  app.add_option("--jobs", source.jobs,
                 "kernels to compile at the same time (default: the processors)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--tuning", source.tuning, "schedules that oriel-tune has measured")
      ->type_name("FILE");
  app.add_option("--tune-for", source.tuneFor,
                 "processor of the --tuning table, for example znver3 (default: its only one)")
      ->type_name("CPU");
  app.add_flag("--no-cache", source.noCache,
               "make every kernel, and keep none in $XDG_CACHE_HOME/oriel (or ~/.cache/oriel)");
}

void oriel::finishSource(const CLI::App &app, CompileSource &source) {
  source.batchGiven = app.count("--batch") > 0;
  if (source.jobs == 0) {
    source.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  }
}

std::unique_ptr<MLIRContext> oriel::makeCompilerContext() {
  DialectRegistry registry;
  registerDialects(registry);
  return std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
}

static llvm::Expected<OwningOpRef<ModuleOp>> parseFile(MLIRContext &context,
                                                       const CompileSource &source) {
  if (!source.settings.empty() || source.batchGiven) {
    return llvm::createStringError("--set and --batch change a model of the zoo; " + source.model +
                                   " is compiled as it is");
  }
  auto buffer = llvm::MemoryBuffer::getFile(source.model);
  if (!buffer) {
    return llvm::createStringError("cannot read " + source.model + ": " +
                                   buffer.getError().message());
  }
  DiagnosticCollector diagnostics(&context);
  llvm::SourceMgr files;
  files.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(files, &context);
  if (!module) {
    return diagnostics.takeError(source.model + " is not a module of a phase of oriel-compile");
  }
  if (!(*module)->hasAttr("oriel.model")) {
    (*module)->setAttr("oriel.model",
                       StringAttr::get(&context, llvm::sys::path::stem(source.model)));
  }
  return std::move(module);
}

llvm::Expected<OwningOpRef<ModuleOp>> oriel::loadModel(MLIRContext &context,
                                                       const CompileSource &source) {
  if (llvm::sys::path::extension(source.model) == ".mlir") {
    return parseFile(context, source);
  }
  ModelOptions options;
  options.batch = source.batch;
  options.settings = source.settings;
  return buildModel(context, source.model, options);
}

/// The name of --target, or of the highest level that this processor runs.
llvm::Expected<KernelTarget> oriel::resolveTarget(llvm::StringRef name) {
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

llvm::Error oriel::checkPrecision(ModuleOp module, const CompileOptions &options,
                                  const CompileSource &source) {
  ElementType precision = options.precision;
  for (auto program : module.getOps<exec::ProgramOp>()) {
    precision = program.getPrecision();
    if (!source.precision.empty() && precision != options.precision) {
      return llvm::createStringError(
          "--precision=" + source.precision + " comes too late for " + source.model +
          ", which is of phase exec and keeps the precision that it has");
    }
  }
  if (precision == ElementType::F32 || options.compileTo <= Phase::Exec) {
    return llvm::Error::success();
  }
  for (const KernelTarget &target : options.targets) {
    if (!target.isGpu()) {
      return llvm::createStringError("f16 is for devices, and the target " + target.name +
                                     " is a processor: give --target cuda or opencl, or compile "
                                     "with --precision f32");
    }
  }
  return llvm::Error::success();
}

llvm::Expected<CompileOptions> oriel::makeCompileOptions(const CompileSource &source) {
  CompileOptions options;
  auto targets = resolveTargets(source.targets);
  if (!targets) {
    return targets.takeError();
  }
  auto schedules = loadTunedSchedules(source.tuneFor, source.tuning);
  if (!schedules) {
    return schedules.takeError();
  }
  options.schedule = std::move(*schedules);
  options.targets = std::move(*targets);
  options.precision = source.precision == "f16" ? ElementType::F16 : ElementType::F32;
  options.jobs = source.jobs;
  options.cacheFolder = source.noCache ? "" : defaultCacheFolder();
  options.compilerVersion = ORIEL_VERSION;
  return options;
}
