//===- kernel-bench.cpp - Kernels beside the peak of the core -------------===//
//
//   kernel-bench [--target x86-64-v3] [--filter SUBSTRING] [--statement] [FILE.mlir]
//
// Measures the cases of BenchCases.cpp or, of a module of phase "exec", every kernel, with the sum
// over its launches. Prints for each kernel the best of several runs on one and on two threads and
// its share of the peak that is measured in between. Times are processor times, so that other work
// on the machine shows less; on two threads that of the longer half.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelPlan.h"
#include "compiler/Pipeline/Compiler.h"
#include "compiler/Pipeline/KernelJobs.h"
#include "compiler/Reference/RandomTensors.h"
#include "tests/bench/BenchCases.h"
#include "tests/bench/FmaPeak.h"
#include "tests/unit/compiler/Kernels/KernelRunner.h"

#include "mlir/Parser/Parser.h"

#include <chrono>
#include <cstdio>

using namespace mlir;
using namespace oriel;
using namespace oriel::bench;
using namespace oriel::test;

namespace {

struct Options {
  std::string filter, target = "x86-64-v3", file;
  bool statement = false;
};

/// The kernel's seconds on one and on two threads, and the peak of a core.
struct Measurement {
  double seconds[2] = {1e9, 1e9}, peak = 0;
};

} // namespace

/// Ends the program with a line on stderr.
[[noreturn]] static void fail(const std::string &message) {
  fprintf(stderr, "kernel-bench: %s\n", message.c_str());
  exit(1);
}

static double secondsOf(LoadedKernel &kernel, llvm::ArrayRef<KernelBuffer *> buffers, int threads) {
  if (std::string error = kernel.run(buffers, threads); !error.empty()) {
    fail(error);
  }
  return kernel.getSeconds();
}

static Measurement measure(LoadedKernel &kernel, const KernelRequest &request) {
  std::vector<std::unique_ptr<KernelBuffer>> buffers;
  llvm::SmallVector<KernelBuffer *> pointers;
  for (const auto *layouts : {&request.inputs, &request.outputs}) {
    for (const BufferLayout &layout : *layouts) {
      buffers.push_back(std::make_unique<KernelBuffer>(layout, 1));
      buffers.back()->store(makeRandomTensor({layout.shape.begin(), layout.shape.end()}, 1));
      pointers.push_back(buffers.back().get());
    }
  }
  Measurement best;
  for (int turn = 0; turn < 8; ++turn) {
    best.peak = std::max(best.peak, measurePeak(request.target.name, 2));
    for (int threads : {1, 2}) {
      double spent = 0;
      for (int run = 0; run < 50 && spent < 4e-3; ++run) {
        double seconds = secondsOf(kernel, pointers, threads);
        spent += seconds;
        best.seconds[threads - 1] = std::min(best.seconds[threads - 1], seconds);
      }
    }
  }
  return best;
}

/// Compiles, measures and prints one kernel; returns its seconds on one thread.
static double report(const std::string &name, const KernelRequest &request,
                     const Options &options) {
  auto begin = std::chrono::steady_clock::now();
  auto compiled = compileKernel(request);
  double compileSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!compiled) {
    printf("%-32s %s\n", name.c_str(), llvm::toString(compiled.takeError()).c_str());
    return 0;
  }
  if (options.statement) {
    puts(compiled->statement.c_str());
  }
  auto kernel = LoadedKernel::load(std::move(*compiled), request.name);
  if (!kernel) {
    fail(llvm::toString(kernel.takeError()));
  }
  Measurement best = measure(**kernel, request);
  double flops = static_cast<double>(planKernel(request.op)->flops);
  printf("%-32s %8.3f ms %6.1f GFLOP/s %4.0f%% | 2 threads %8.3f ms %4.0f%% | %.2f s | %s\n",
         name.c_str(), best.seconds[0] * 1e3, flops / best.seconds[0] * 1e-9,
         100 * flops / best.seconds[0] / best.peak, best.seconds[1] * 1e3,
         50 * flops / best.seconds[1] / best.peak, compileSeconds,
         (*kernel)->getCompiled().schedule.c_str());
  fflush(stdout);
  return best.seconds[0];
}

static void reportCases(const Options &options) {
  for (const Case &benchmark : makeCases()) {
    if (benchmark.name.find(options.filter) != std::string::npos) {
      RegionBuilder region;
      benchmark.build(region);
      report(benchmark.name,
             {region.kernel, region.inputs, region.outputs, "kernel",
              *KernelTarget::get(options.target)},
             options);
    }
  }
}

static void reportModule(const Options &options) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  auto module = parseSourceFile<ModuleOp>(options.file, &context);
  if (!module) {
    fail("cannot read " + options.file);
  }
  llvm::StringMap<int> launches;
  module->walk([&](exec::LaunchOp launch) { ++launches[launch.getKernel()]; });
  double total = 0;
  for (auto kernel : module->getOps<exec::KernelOp>()) {
    std::string name = kernel.getSymName().str();
    if (name.find(options.filter) != std::string::npos) {
      int count = launches.lookup(name);
      KernelRequest request = makeKernelRequest(kernel, *KernelTarget::get(options.target));
      total += count * report(name + " x" + std::to_string(count), request, options);
    }
  }
  printf("all launches on one thread: %.3f ms\n", total * 1e3);
}

int main(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--statement") {
      options.statement = true;
    } else if (argument == "--filter" && i + 1 < argc) {
      options.filter = argv[++i];
    } else if (argument == "--target" && i + 1 < argc && KernelTarget::get(argv[i + 1])) {
      options.target = argv[++i];
    } else if (argument[0] != '-' && options.file.empty()) {
      options.file = argument;
    } else {
      fprintf(stderr, "usage: kernel-bench [--target x86-64-v3|x86-64-v4] [--filter SUBSTRING] "
                      "[--statement] [FILE.mlir]\n");
      return 2;
    }
  }
  printf("peak of one core: %.1f GFLOP/s; shares are of the cores used\n",
         measurePeak(options.target, 50) * 1e-9);
  if (options.file.empty()) {
    reportCases(options);
  } else {
    reportModule(options);
  }
  return 0;
}
