//===- Measurement.cpp - The times of one kernel --------------------------===//

#include "tests/bench/Measurement.h"

#include "compiler/Kernels/KernelRunner.h"
#include "compiler/Reference/RandomTensors.h"
#include "tests/bench/FunctionPeak.h"
#include "tools/support/BandwidthPeak.h"
#include "tools/support/FmaPeak.h"

#include <algorithm>
#include <chrono>

using namespace oriel;
using namespace oriel::bench;

/// From the first-level cache's size to several times that of the last. Writing follows from
/// copying n bytes, which takes n / read + n / write, so that a kernel that copies or one that only
/// reads comes to its limit exactly.
static std::vector<Bandwidth> measureBandwidths(const std::string &target) {
  constexpr int64_t kilobyte = 1024, megabyte = kilobyte * kilobyte;
  std::vector<Bandwidth> bandwidths;
  for (int64_t bytes : {16 * kilobyte, 64 * kilobyte, 256 * kilobyte, megabyte, 2 * megabyte,
                        4 * megabyte, 8 * megabyte, 16 * megabyte, 32 * megabyte, 128 * megabyte}) {
    Bandwidth &bandwidth = bandwidths.emplace_back();
    bandwidth.bytes = bytes;
    for (int threads = 1; threads <= mostThreads; ++threads) {
      auto total = static_cast<double>(bytes * threads);
      double read = secondsOfReading(target, bytes, threads);
      double copy = secondsOfCopying(target, bytes, threads);
      bandwidth.read[threads - 1] = total / read;
      bandwidth.write[threads - 1] = total / 2 / std::max(copy - read / 2, copy / 10);
    }
  }
  return bandwidths;
}

llvm::Expected<MachinePeaks> bench::measureMachine(const KernelTarget &target) {
  MachinePeaks peaks;
  // In turns, so that a disturbance of one costs nothing.
  for (int turn = 0; turn < 2; ++turn) {
    peaks.flops = std::max(peaks.flops, measureFmaPeak(target.name, 30));
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
    best.flopsPeak = std::max(best.flopsPeak, measureFmaPeak(target, 2));
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
  best.work = countWork(request.op, request.inputs, request.outputs);
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
