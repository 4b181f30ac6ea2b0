//===- Measurement.cpp - The times of one kernel --------------------------===//

#include "tests/bench/Measurement.h"

#include "compiler/Kernels/KernelRunner.h"
#include "compiler/Reference/RandomTensors.h"
#include "tests/bench/BandwidthPeak.h"
#include "tests/bench/FmaPeak.h"
#include "tests/bench/FunctionPeak.h"

#include <algorithm>
#include <chrono>

using namespace oriel;
using namespace oriel::bench;

llvm::Expected<MachinePeaks> bench::measureMachine(const KernelTarget &target) {
  MachinePeaks peaks;
  // In turns, so that a disturbance of one costs nothing.
  for (int turn = 0; turn < 2; ++turn) {
    peaks.flops = std::max(peaks.flops, measurePeak(target.name, 30));
    for (auto [function, rate] : {std::pair(VectorFunction::Exponential, &peaks.exponentials),
                                  std::pair(VectorFunction::Silu, &peaks.silus),
                                  std::pair(VectorFunction::Gelu, &peaks.gelus)}) {
      auto measured = measureFunction(function, target);
      if (!measured) {
        return measured.takeError();
      }
      *rate = std::max(*rate, *measured);
    }
  }
  peaks.bandwidths = measureBandwidths(target.name);
  return peaks;
}

KernelLimit Measurement::limit(const MachinePeaks &peaks, int threads) const {
  KernelLimit limit = limitOf(work, peaks, threads);
  limit.products *= peaks.flops / flopsPeak;
  return limit;
}

/// Fills `best` from runs in turns on one and two threads, with the peak in between.
static llvm::Error measureRuns(LoadedKernel &kernel, llvm::ArrayRef<KernelBuffer *> buffers,
                               Measurement &best, const std::string &target) {
  constexpr double secondsOfTurn = 4e-3;
  std::fill(std::begin(best.seconds), std::end(best.seconds), 1e9);
  for (int turn = 0; turn < 8; ++turn) {
    best.flopsPeak = std::max(best.flopsPeak, measurePeak(target, 2));
    for (int threads = 1; threads <= mostThreads; ++threads) {
      double spent = 0;
      for (int run = 0; run < 50 && spent < secondsOfTurn; ++run) {
        if (std::string error = kernel.run(buffers, threads); !error.empty()) {
          return llvm::createStringError(error);
        }
        spent += kernel.getSeconds();
        best.seconds[threads - 1] = std::min(best.seconds[threads - 1], kernel.getSeconds());
      }
    }
  }
  return llvm::Error::success();
}

llvm::Expected<Measurement> bench::measureKernel(const KernelRequest &request) {
  Measurement best;
  best.name = request.name;
  best.work = countWork(request.op, request.inputs);
  auto begin = std::chrono::steady_clock::now();
  auto compiled = compileKernel(request);
  best.compileSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!compiled) {
    return compiled.takeError();
  }
  best.schedule = compiled->schedule;
  best.statement = compiled->statement;
  auto kernel = LoadedKernel::load(std::move(*compiled), request.name);
  if (!kernel) {
    return kernel.takeError();
  }
  std::vector<std::unique_ptr<KernelBuffer>> buffers;
  llvm::SmallVector<KernelBuffer *> pointers;
  for (const auto *layouts : {&request.inputs, &request.outputs}) {
    for (const BufferLayout &layout : *layouts) {
      // Of a parameter the batch is not looked at.
      buffers.push_back(std::make_unique<KernelBuffer>(layout, layout.shape[0]));
      std::vector<int64_t> shape(layout.shape.begin(), layout.shape.end());
      buffers.back()->store(layout.element == ElementType::U8 ? makeRandomPixels(shape, 1)
                                                              : makeRandomTensor(shape, 1));
      pointers.push_back(buffers.back().get());
    }
  }
  if (llvm::Error error = measureRuns(**kernel, pointers, best, request.target.name)) {
    return error;
  }
  return best;
}
