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

/// The buffers of a kernel's operands and results, those of parameters in several copies.
class KernelArguments {
public:
  KernelArguments(const KernelRequest &request, llvm::ArrayRef<Tensor> arguments, int copies = 1)
      : operands(arguments.size()), sets(static_cast<size_t>(copies)) {
    for (auto [layout, argument] : llvm::zip_equal(request.inputs, arguments)) {
      KernelBuffer *buffer = nullptr;
      for (auto &set : sets) {
        if (!buffer || layout.isParameter) {
          buffer = allocate(layout);
          buffer->store(argument);
        }
        set.push_back(buffer);
      }
    }
    for (const BufferLayout &layout : request.outputs) {
      KernelBuffer *buffer = allocate(layout);
      for (auto &set : sets) {
        set.push_back(buffer);
      }
    }
  }

  llvm::ArrayRef<KernelBuffer *> first() const { return sets.front(); }
  llvm::ArrayRef<KernelBuffer *> results() const { return first().drop_front(operands); }
  /// With another copy of the parameters at each call.
  llvm::ArrayRef<KernelBuffer *> next() {
    position = (position + 1) % sets.size();
    return sets[position];
  }

private:
  KernelBuffer *allocate(const BufferLayout &layout) {
    // Of a parameter the batch is not looked at.
    buffers.push_back(std::make_unique<KernelBuffer>(layout, layout.shape[0]));
    return buffers.back().get();
  }

  size_t operands, position = 0;
  std::vector<std::unique_ptr<KernelBuffer>> buffers;
  std::vector<llvm::SmallVector<KernelBuffer *>> sets;
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
    if (std::string error = kernel.run(buffers.first(), threads); !error.empty()) {
      return llvm::createStringError(error);
    }
    for (auto [buffer, want] : llvm::zip_equal(buffers.results(), expected)) {
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

/// Runs two kernels in turns and adds what the first takes of the second's time, turn by turn, to
/// `ratios`; one thread and two count as much as each other. Returns the first one's least time on
/// one thread.
static double timeInTurns(LoadedKernel &first, LoadedKernel &second, KernelArguments &arguments,
                          std::vector<double> &ratios) {
  constexpr int turns = 7, mostRuns = 50;
  constexpr double secondsOfTurn = 3e-3;
  auto leastTime = [&](LoadedKernel &kernel, int threads) {
    double spent = 0, least = std::numeric_limits<double>::infinity();
    for (int count = 0; count < mostRuns && spent < secondsOfTurn; ++count) {
      kernel.run(arguments.next(), threads);
      spent += kernel.getSeconds();
      least = std::min(least, kernel.getSeconds());
    }
    return least;
  };
  double least = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < turns; ++turn) {
    double ratio = 1;
    for (int threads : {1, 2}) {
      double time = leastTime(first, threads);
      ratio *= time / leastTime(second, threads);
      least = threads == 1 ? std::min(least, time) : least;
    }
    ratios.push_back(std::sqrt(ratio));
  }
  return least;
}

static double medianOf(std::vector<double> values) {
  auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

int KernelTuner::parameterCopies() const {
  // More than a last-level cache holds is as good as all.
  constexpr int64_t enoughBytes = int64_t(96) << 20, mostCopies = 64;
  int64_t own = request.parameterBytes();
  int64_t wanted = std::min(parameterBytesOfModel, enoughBytes);
  return own == 0 ? 1 : static_cast<int>(std::clamp<int64_t>(wanted / own, 1, mostCopies));
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
  KernelArguments buffers(request, arguments, parameterCopies());
  std::vector<double> ratios;
  double seconds = timeInTurns(**kernel, **other, buffers, ratios);
  double relative = 1;
  if (costModel) {
    relative = medianOf(ratios);
    if (relative < 1) {
      // Of many schedules some seem faster by chance: the worse of two measurements counts.
      ratios.clear();
      timeInTurns(**kernel, **other, buffers, ratios);
      relative = std::max(relative, medianOf(ratios));
    }
  }
  double numbers[] = {relative, seconds};
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
