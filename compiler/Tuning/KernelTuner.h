//===- KernelTuner.h - Checks and times the schedules of one kernel -------===//
#ifndef ORIEL_COMPILER_TUNING_KERNELTUNER_H
#define ORIEL_COMPILER_TUNING_KERNELTUNER_H

#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Tuning/ScheduleSearch.h"

namespace oriel {

/// A schedule after it was compiled, compared with the interpreter and timed.
struct MeasuredSchedule {
  ScheduleTrial trial;
  /// Processor time of a run on one thread, 0 where it was not timed.
  double seconds = 0;
  /// One line where it could not be compiled or computes something else than the interpreter.
  std::string error;
};

/// Tries schedules of one kernel. Each is compiled, run and timed in a process of its own, so that
/// one that crashes costs no more than itself; none is timed that has not given what the
/// interpreter gives, on one thread and on two. Times are taken in turns with the cost model's
/// schedule, each run with another copy of the kernel's parameters, up to as many bytes as the
/// model has: in the model, too, a kernel finds its activations in a cache and its parameters where
/// those of all other kernels have left them. The process must be without other threads.
class KernelTuner {
public:
  using CompileKernel = std::function<llvm::Expected<CompiledKernel>(const KernelRequest &)>;

  explicit KernelTuner(KernelRequest request, int64_t parameterBytesOfModel = 0,
                       CompileKernel compile = compileKernel)
      : request(std::move(request)), parameterBytesOfModel(parameterBytesOfModel),
        compile(std::move(compile)) {}

  /// Fails where not even the cost model's schedule can be measured, with one line.
  llvm::Expected<MeasuredSchedule> measure(const ScheduleParameters &parameters);

private:
  llvm::Error prepare();
  int parameterCopies() const;
  llvm::Expected<std::string> measureHere(const ScheduleParameters &parameters) const;

  KernelRequest request;
  int64_t parameterBytesOfModel;
  CompileKernel compile;
  /// The operands, for the batch of the kernel's types, and what the interpreter gives for them.
  std::vector<Tensor> arguments;
  std::vector<BoundedTensor> expected;
  /// With the cost model's schedule; none before the first measurement.
  std::optional<CompiledKernel> costModel;
};

} // namespace oriel

#endif // ORIEL_COMPILER_TUNING_KERNELTUNER_H
