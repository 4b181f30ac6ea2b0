//===- TuningSession.cpp - Tunes the kernels of a model -------------------===//

#include "compiler/Tuning/TuningSession.h"

#include "compiler/Pipeline/KernelJobs.h"

#include <cmath>

using namespace mlir;
using namespace oriel;

/// "gemm 1x3136x96 -> 1x3136x288": family, activations and results.
static std::string describeKernel(exec::KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto writeShapes = [&](ArrayRef<exec::BufferType> buffers) {
    for (exec::BufferType buffer : buffers) {
      if (buffer.getSpace() != exec::Space::Parameter) {
        out << ' ';
        llvm::interleave(buffer.getTensor().getShape(), out, "x");
      }
    }
  };
  out << kernel.getFamily();
  writeShapes(kernel.getInputBuffers());
  out << " ->";
  writeShapes(kernel.getOutputBuffers());
  return text;
}

double TuningSession::secondsSpent() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

llvm::Expected<std::unique_ptr<TuningSession>>
TuningSession::start(ModuleOp module, const TuningOptions &options, TuningLog &log,
                     llvm::function_ref<void(size_t done, size_t total)> measured) {
  std::unique_ptr<TuningSession> session(new TuningSession(options, log));
  llvm::StringMap<SmallVector<exec::LaunchOp>> launches;
  module.walk([&](exec::LaunchOp launch) { launches[launch.getKernel()].push_back(launch); });
  auto ops = llvm::to_vector(module.getOps<exec::KernelOp>());
  int64_t parameterBytes = 0;
  module.walk([&](exec::ParameterOp parameter) {
    parameterBytes += bytes(cast<exec::BufferType>(parameter.getType()).getLayout());
  });
  for (exec::KernelOp op : ops) {
    std::string name = op.getSymName().str();
    const SmallVector<exec::LaunchOp> &uses = launches[name];
    std::string layer = uses.empty() ? "" : getLayerName(uses.front()->getLoc()).str();
    auto kernel = std::make_unique<Kernel>(
        Kernel{name,
               layer,
               makePlanKey(op, options.target),
               describeKernel(op),
               static_cast<int>(uses.size()),
               KernelTuner(makeKernelRequest(op, options.target), parameterBytes),
               0,
               0,
               {}});
    if (const MeasuredSchedule *known = log.lookup(kernel->key, {})) {
      kernel->seconds = known->seconds;
    } else {
      auto first = kernel->tuner.measure({});
      if (!first) {
        return llvm::createStringError(name + " (layer '" + layer +
                                       "') cannot be tuned: " + toString(first.takeError()));
      }
      log.append(kernel->key, {}, *first);
      kernel->seconds = first->seconds;
    }
    session->kernels.push_back(std::move(kernel));
    measured(session->kernels.size(), ops.size());
  }
  llvm::sort(session->kernels, [](const auto &a, const auto &b) {
    return a->seconds * a->launches > b->seconds * b->launches;
  });
  session->begin = std::chrono::steady_clock::now();
  return std::move(session);
}

/// Goes on with the search for a kernel until so many schedules have been tried for it.
void TuningSession::search(Kernel &kernel, int mostTried,
                           llvm::function_ref<void(const std::string &)> warn) {
  kernel.tried = 0;
  bool isBroken = false;
  kernel.result =
      searchSchedule([&](const ScheduleParameters &parameters) -> std::optional<ScheduleTrial> {
        if (kernel.tried == mostTried) {
          return std::nullopt;
        }
        const MeasuredSchedule *known = log.lookup(kernel.key, parameters);
        if (!known) {
          if (secondsSpent() > options.budget) {
            return std::nullopt;
          }
          auto measured = kernel.tuner.measure(parameters);
          if (!measured) {
            warn(kernel.name + ": " + toString(measured.takeError()));
            isBroken = true;
            return std::nullopt;
          }
          if (!measured->error.empty()) {
            warn(kernel.name + " with " + describe(parameters) + ": " + measured->error);
          }
          log.append(kernel.key, parameters, *measured);
          known = log.lookup(kernel.key, parameters);
        }
        ++kernel.tried;
        return known->trial;
      });
  kernel.result.isComplete |= isBroken;
}

void TuningSession::run(TuningTable &table, llvm::function_ref<void(const TuningProgress &)> report,
                        llvm::function_ref<void(const std::string &)> warn) {
  if (kernels.empty()) {
    return;
  }
  double longest = kernels.front()->seconds * kernels.front()->launches;
  // The longest kernel gets so many more trials a turn, the others their share and one at least.
  constexpr double trialsOfTurn = 8;
  bool hasWork = true;
  for (int turn = 1; hasWork && secondsSpent() <= options.budget; ++turn) {
    hasWork = false;
    for (auto [index, kernel] : llvm::enumerate(kernels)) {
      if (kernel->result.isComplete || secondsSpent() > options.budget) {
        continue;
      }
      double share = kernel->seconds * kernel->launches / longest;
      search(*kernel, 1 + turn * static_cast<int>(std::ceil(trialsOfTurn * share)), warn);
      hasWork |= !kernel->result.isComplete;
      table.set(options.cpu, kernel->key,
                {kernel->description, options.target.name, kernel->result.values,
                 kernel->result.relativeTime});
      report({index + 1, kernels.size(), kernel->name, kernel->layer, kernel->tried,
              kernel->result.relativeTime, kernel->result.isComplete, secondsSpent()});
    }
  }
}
