//===- KernelTuner.cpp - Checks and times the schedules of one kernel -----===//

#include "compiler/Tuning/KernelTuner.h"

#include "compiler/Kernels/KernelRunner.h"
#include "compiler/Pipeline/KernelBytes.h"
#include "compiler/Reference/RandomTensors.h"
#include "compiler/Target/KernelProcessPool.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <sys/resource.h>

using namespace oriel;

/// Processor time after which a schedule counts as one that does not end, in seconds.
static constexpr rlim_t mostSeconds = 120;

namespace {

/// The buffers of a kernel's operands and results.
class KernelArguments {
public:
  KernelArguments(const KernelRequest &request, llvm::ArrayRef<Tensor> arguments) {
    for (const auto *layouts : {&request.inputs, &request.outputs}) {
      for (const BufferLayout &layout : *layouts) {
        // Of a parameter the batch is not looked at.
        buffers.push_back(std::make_unique<KernelBuffer>(layout, layout.shape[0]));
        pointers.push_back(buffers.back().get());
      }
    }
    for (auto [buffer, argument] : llvm::zip(buffers, arguments)) {
      buffer->store(argument);
    }
  }

  llvm::ArrayRef<KernelBuffer *> all() const { return pointers; }
  llvm::ArrayRef<KernelBuffer *> results(size_t operands) const {
    return all().drop_front(operands);
  }

private:
  std::vector<std::unique_ptr<KernelBuffer>> buffers;
  llvm::SmallVector<KernelBuffer *> pointers;
};

} // namespace

/// Seeded operands. Parameters of rank 1 are positive, as variances must be.
static std::vector<Tensor> makeArguments(const KernelRequest &request) {
  std::vector<Tensor> arguments;
  for (const BufferLayout &layout : request.inputs) {
    bool isVector = layout.isParameter && layout.shape.size() == 1;
    arguments.push_back(makeRandomTensor({layout.shape.begin(), layout.shape.end()},
                                         arguments.size() + 1, isVector ? 0.25F : -1.0F));
  }
  return arguments;
}

/// Runs the kernel and compares what it gives with what it should give, on one thread and two.
static llvm::Error checkResults(LoadedKernel &kernel, const KernelRequest &request,
                                llvm::ArrayRef<Tensor> arguments,
                                llvm::ArrayRef<BoundedTensor> expected) {
  for (int threads : {1, 2}) {
    KernelArguments buffers(request, arguments);
    if (std::string error = kernel.run(buffers.all(), threads); !error.empty()) {
      return llvm::createStringError(error);
    }
    for (auto [buffer, want] : llvm::zip_equal(buffers.results(arguments.size()), expected)) {
      if (std::string mismatch = describeMismatch(buffer->load(), want); !mismatch.empty()) {
        return llvm::createStringError("it computes something else: " + mismatch);
      }
      if (!buffer->bordersAreIntact()) {
        return llvm::createStringError("it writes outside of its rows");
      }
    }
  }
  return llvm::Error::success();
}

namespace {
/// Least processor times of two kernels, by threads.
struct PairedTimes {
  double first[2], second[2];

  /// One thread and two count as much as each other.
  double ratio() const { return std::sqrt(first[0] / second[0] * (first[1] / second[1])); }
};
} // namespace

/// Runs two kernels in turns.
static PairedTimes timeInTurns(LoadedKernel &first, LoadedKernel &second,
                               const KernelArguments &buffers) {
  constexpr int turns = 6, mostRuns = 50;
  constexpr double secondsOfTurn = 3e-3;
  PairedTimes times;
  std::fill_n(times.first, 2, std::numeric_limits<double>::infinity());
  std::fill_n(times.second, 2, std::numeric_limits<double>::infinity());
  auto run = [&](LoadedKernel &kernel, int threads, double &least) {
    double spent = 0;
    for (int count = 0; count < mostRuns && spent < secondsOfTurn; ++count) {
      kernel.run(buffers.all(), threads);
      spent += kernel.getSeconds();
      least = std::min(least, kernel.getSeconds());
    }
  };
  for (int turn = 0; turn < turns; ++turn) {
    for (int threads : {1, 2}) {
      run(first, threads, times.first[threads - 1]);
      run(second, threads, times.second[threads - 1]);
    }
  }
  return times;
}

llvm::Error KernelTuner::prepare() {
  arguments = makeArguments(request);
  auto results = interpretWithBounds(*request.op.getBodyBlock(), arguments);
  if (failed(results)) {
    return llvm::createStringError("the interpreter cannot compute it");
  }
  expected = std::move(*results);
  return llvm::Error::success();
}

/// In the child: two numbers, relative time and seconds on one thread, then the kernel.
llvm::Expected<std::string> KernelTuner::measureHere(const ScheduleParameters &parameters) const {
  rlimit limit = {mostSeconds, mostSeconds};
  setrlimit(RLIMIT_CPU, &limit);
  KernelRequest changed = request;
  changed.parameters = parameters;
  auto compiled = compile(changed);
  if (!compiled) {
    return compiled.takeError();
  }
  auto kernel = LoadedKernel::load(*compiled, request.name);
  if (!kernel) {
    return kernel.takeError();
  }
  if (auto error = checkResults(**kernel, request, arguments, expected)) {
    return std::move(error);
  }
  auto other = LoadedKernel::load(costModel ? *costModel : *compiled, request.name);
  if (!other) {
    return other.takeError();
  }
  KernelArguments buffers(request, arguments);
  PairedTimes times = timeInTurns(**kernel, **other, buffers);
  double relative = 1;
  if (costModel) {
    relative = times.ratio();
    if (relative < 1) {
      // Of many schedules some seem faster by chance: the worse of two measurements counts.
      relative = std::max(relative, timeInTurns(**kernel, **other, buffers).ratio());
    }
  }
  double numbers[] = {relative, times.first[0]};
  return std::string(reinterpret_cast<const char *>(numbers), sizeof numbers) +
         serializeKernel(*compiled);
}

llvm::Expected<MeasuredSchedule> KernelTuner::measure(const ScheduleParameters &parameters) {
  if (expected.empty()) {
    if (auto error = prepare()) {
      return std::move(error);
    }
  }
  if (!costModel && !describe(parameters).empty()) {
    auto first = measure({});
    if (!first) {
      return first;
    }
  }
  KernelJob job{request.name, "", [&] { return measureHere(parameters); }};
  auto results = runKernelJobs(job, 1, [](size_t, size_t) {});
  if (!results) {
    MeasuredSchedule failed;
    failed.trial.relativeTime = std::numeric_limits<double>::infinity();
    failed.error = toString(results.takeError());
    if (!costModel) {
      return llvm::createStringError(failed.error);
    }
    return failed;
  }
  llvm::StringRef bytes = results->front();
  double numbers[2];
  std::memcpy(numbers, bytes.data(), sizeof numbers);
  CompiledKernel kernel = deserializeKernel(bytes.drop_front(sizeof numbers));
  MeasuredSchedule measured{{kernel.choices, numbers[0]}, numbers[1], ""};
  if (!costModel) {
    costModel = std::move(kernel);
  }
  return measured;
}
