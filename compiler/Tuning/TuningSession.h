//===- TuningSession.h - Tunes the kernels of a model ---------------------===//
#ifndef ORIEL_COMPILER_TUNING_TUNINGSESSION_H
#define ORIEL_COMPILER_TUNING_TUNINGSESSION_H

#include "compiler/Tuning/TuningLog.h"
#include "compiler/Tuning/TuningTable.h"

#include "mlir/IR/BuiltinOps.h"

#include <chrono>

namespace oriel {

struct TuningOptions {
  KernelTarget target;
  /// The processor as LLVM names it, under which entries are kept.
  std::string cpu;
  /// After so many seconds of search no further schedule is tried.
  double budget;
};

/// How far the tuning of one kernel is.
struct TuningProgress {
  /// Position among the kernels by their share of the model's time, from 1.
  size_t position, kernelCount;
  std::string kernel, layer;
  int tried;
  double relativeTime;
  bool isComplete;
  double secondsSpent;
};

/// Looks for faster schedules of the kernels of a module of phase exec, more often the more of the
/// model's time they take.
class TuningSession {
public:
  /// Measures each kernel with the cost model's schedule; `measured` is called after each. All
  /// other arguments must outlive the session. Fails where a kernel cannot be measured at all.
  static llvm::Expected<std::unique_ptr<TuningSession>>
  start(mlir::ModuleOp module, const TuningOptions &options, TuningLog &log,
        llvm::function_ref<void(size_t done, size_t total)> measured);

  /// Searches until all is tried or the time is over. After each turn of a kernel `table` has its
  /// fastest schedule and `report` is called. `warn` gets a line for each schedule that fails.
  void run(TuningTable &table, llvm::function_ref<void(const TuningProgress &)> report,
           llvm::function_ref<void(const std::string &)> warn);

private:
  struct Kernel {
    std::string name, layer, key, description;
    /// Launches of it in the module.
    int launches;
    KernelTuner tuner;
    double seconds = 0;
    int tried = 0;
    SearchResult result;
  };

  TuningSession(const TuningOptions &options, TuningLog &log) : options(options), log(log) {}
  double secondsSpent() const;
  void search(Kernel &kernel, int mostTried, llvm::function_ref<void(const std::string &)> warn);

  const TuningOptions &options;
  TuningLog &log;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  /// By their share of the model's time, largest first.
  std::vector<std::unique_ptr<Kernel>> kernels;
};

} // namespace oriel

#endif // ORIEL_COMPILER_TUNING_TUNINGSESSION_H
