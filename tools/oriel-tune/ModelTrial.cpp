//===- ModelTrial.cpp - Tuned kernels where they run ----------------------===//

#include "tools/oriel-tune/ModelTrial.h"

#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/Diagnostics.h"
#include "compiler/Tuning/TunedSchedules.h"
#include "frontend/ModuleParameters.h"
#include "frontend/Weights.h"
#include "tools/support/ScratchFolder.h"
#include "tools/support/TimedModule.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>
#include <map>
#include <thread>

using namespace mlir;
using namespace oriel;

namespace {

/// Times of runs of one module, a whole one's and each kernel's, in milliseconds.
struct RunTimes {
  std::vector<double> whole;
  std::map<std::string, std::vector<double>> kernels;
};

} // namespace

static void compileInto(const std::string &path, ModuleOp module, const ScheduleSource &schedule,
                        const KernelTarget &target, const ScratchFolder &folder) {
  auto parameters = openWeights("random:1", collectParameters(module));
  CompileOptions options;
  options.targets = {target};
  // What both modules have in common is compiled once.
  options.cacheFolder = folder.file("cache");
  options.schedule = schedule;
  options.output = path;
  OwningOpRef<ModuleOp> copy(module.clone());
  llvm::Error error = parameters ? Compiler(options, {}).run(*copy, parameters->source.get())
                                 : parameters.takeError();
  if (error) {
    throw ToolError(firstLine(toString(std::move(error))));
  }
}

static double milliseconds(const oriel_span &span) {
  return static_cast<double>(span.end_ns - span.begin_ns) * 1e-6;
}

/// Adds the least times of two runs, after one that fills the caches with the module's own data.
static void measure(TimedModule &module, RunTimes &times) {
  module.run();
  std::map<std::string, double> least;
  double leastWhole = HUGE_VAL;
  for (int repeat = 0; repeat < 2; ++repeat) {
    module.run();
    const oriel_profile &profile = module.profile();
    leastWhole = std::min(leastWhole, milliseconds(profile.run));
    std::map<std::string, double> sums;
    for (int32_t i = 0; i < profile.slice_count * profile.launch_count; ++i) {
      const oriel_variant &variant = module.variant();
      const oriel_launch_info &launch = variant.launches[i % profile.launch_count];
      sums[variant.kernels[launch.kernel].name] += milliseconds(profile.launches[i]);
    }
    for (const auto &[name, sum] : sums) {
      auto known = least.try_emplace(name, sum).first;
      known->second = std::min(known->second, sum);
    }
  }
  times.whole.push_back(leastWhole);
  for (const auto &[name, time] : least) {
    times.kernels[name].push_back(time);
  }
}

/// Runs both in turns. They are loaded several times, as speed depends on where pages lie.
static void measureInTurns(const std::string &tunedPath, const std::string &untunedPath,
                           const std::string &variant, int threads, RunTimes &tuned,
                           RunTimes &untuned) {
  constexpr int loads = 4;
  constexpr double seconds = 15;
  constexpr double leastRounds = 5, mostRounds = 40;
  oriel_pool_options poolOptions = {};
  poolOptions.struct_size = sizeof poolOptions;
  poolOptions.threads = threads;
  PoolHandle pool = createPool(poolOptions);
  for (int load = 0; load < loads; ++load) {
    TimedModule first(tunedPath, variant, pool.get(), threads, 0, 0, /*isProfiled=*/true);
    TimedModule second(untunedPath, variant, pool.get(), threads, 0, 0, /*isProfiled=*/true);
    first.run();
    double round = 6 * first.run() / 1000;
    auto rounds = static_cast<int>(std::clamp(seconds / loads / round, leastRounds, mostRounds));
    for (int i = 0; i < rounds; ++i) {
      bool isEven = i % 2 == 0;
      measure(isEven ? first : second, isEven ? tuned : untuned);
      measure(isEven ? second : first, isEven ? untuned : tuned);
    }
  }
}

/// Names, layers and keys of the kernels for which the table has other parameters.
static std::vector<KernelGain> findTuned(ModuleOp module, const TuningTable &table,
                                         const std::string &cpu, const KernelTarget &target) {
  llvm::StringMap<StringRef> layers;
  module.walk([&](exec::LaunchOp launch) {
    layers.try_emplace(launch.getKernel(), getLayerName(launch.getLoc()));
  });
  std::vector<KernelGain> kernels;
  for (exec::KernelOp kernel : module.getOps<exec::KernelOp>()) {
    std::string key = makePlanKey(kernel, target);
    const TuningEntry *entry = table.lookup(cpu, key);
    if (entry != nullptr && !entry->parameters.empty()) {
      kernels.push_back(
          {key, kernel.getSymName().str(), layers.lookup(kernel.getSymName()).str(), {}});
    }
  }
  return kernels;
}

ModelGain oriel::tryInModel(ModuleOp module, const TuningTable &table, const std::string &cpu,
                            const KernelTarget &target) {
  ModelGain result;
  result.kernels = findTuned(module, table, cpu, target);
  if (result.kernels.empty()) {
    return result;
  }
  ScratchFolder folder;
  std::string tunedPath = folder.file("tuned.so"), untunedPath = folder.file("untuned.so");
  compileInto(tunedPath, module, TunedSchedules(table, cpu), target, folder);
  compileInto(untunedPath, module, chooseNothing, target, folder);
  int mostThreads = std::thread::hardware_concurrency() > 1 ? 2 : 1;
  for (int threads = 1; threads <= mostThreads; ++threads) {
    RunTimes tuned, untuned;
    measureInTurns(tunedPath, untunedPath, target.name, threads, tuned, untuned);
    result.whole.push_back(compareTimes(tuned.whole, untuned.whole));
    for (KernelGain &kernel : result.kernels) {
      kernel.gain.push_back(
          compareTimes(tuned.kernels[kernel.kernel], untuned.kernels[kernel.kernel]));
    }
  }
  return result;
}
