//===- DevicePeaks.cpp - What a device can do at most ---------------------===//

#include "tools/support/DevicePeaks.h"

#include <algorithm>
#include <chrono>

using namespace oriel;

// So many that the last wave of blocks, which leaves cores idle, weighs little.
static constexpr int arithmeticBlocks = 8192;
static constexpr int mostReadingBlocks = 2048;
static constexpr int threadsOfBlock = 256;
/// Of a float4.
static constexpr int64_t valueBytes = 16;

struct DevicePeakBench::Work {
  const char *entry;
  int blocks, threads;
  int turns = 1;
  void *results = nullptr;
  float factor = 0.999f, term = 1e-6f;
  /// Of what is read.
  void *values = nullptr;
  int64_t bytes = 0;
  int share = 0;

  int64_t resultBytes() const { return int64_t(blocks) * threads * int64_t(sizeof(float)); }
};

template <typename Call>
void DevicePeakBench::attempt(Call call) {
  oriel_error failure;
  if (error.empty() && (status = call(&failure)) != ORIEL_OK) {
    error = failure.message;
  }
}

DevicePeakBench::DevicePeakBench(const DeviceApi &api, DevicePeakKernels kernels)
    : api(api), kernels(std::move(kernels)) {
  attempt([&](oriel_error *failure) { return api.createModule(nullptr, 0, &module, failure); });
}

DevicePeakBench::~DevicePeakBench() {
  closeQueue();
  if (module != nullptr) {
    api.destroyModule(module);
  }
}

void DevicePeakBench::openQueue() {
  attempt([&](oriel_error *failure) { return api.createQueue(module, nullptr, &queue, failure); });
}

void DevicePeakBench::closeQueue() {
  if (queue != nullptr) {
    api.destroyQueue(queue);
  }
  queue = nullptr;
}

void *DevicePeakBench::allocate(int64_t bytes) {
  void *memory = nullptr;
  attempt(
      [&](oriel_error *failure) { return api.allocate(queue, uint64_t(bytes), &memory, failure); });
  return memory;
}

std::vector<int> DevicePeakBench::sizesOfBlocks() const {
  return kernels.takesSingleThreads ? std::vector{threadsOfBlock, 1} : std::vector{threadsOfBlock};
}

DevicePeakBench::Work DevicePeakBench::prepareArithmetic(int blocks, int threads) {
  Work work = {"multiply_add", blocks, threads};
  openQueue();
  work.results = allocate(work.resultBytes());
  return work;
}

DevicePeakBench::Work DevicePeakBench::prepareReading(int64_t bytes, int threads) {
  int64_t count = bytes / valueBytes;
  int64_t blocks = std::min<int64_t>(mostReadingBlocks, count / (readsAtOnce * threadsOfBlock));
  Work work = {"read_memory", int(blocks), threads};
  work.bytes = bytes;
  work.share = int(count / blocks);
  openQueue();
  work.values = allocate(bytes);
  work.results = allocate(work.resultBytes());
  return work;
}

void DevicePeakBench::launch(const Work &work) {
  auto buffer = [](void *address, int64_t bytes) {
    return oriel_kernel_argument{address, uint64_t(bytes), 1, 0};
  };
  auto scalar = [](const auto &value) { return oriel_kernel_argument{&value, sizeof value, 0, 0}; };
  oriel_kernel_argument results = buffer(work.results, work.resultBytes());
  std::vector<oriel_kernel_argument> arguments = {results, scalar(work.turns), scalar(work.factor),
                                                  scalar(work.term)};
  if (work.values != nullptr) {
    arguments = {buffer(work.values, work.bytes), results, scalar(work.blocks), scalar(work.share),
                 scalar(work.turns)};
  }
  oriel_kernel_launch kernel = {kernels.source.c_str(), work.entry, {work.blocks, 1, 1},
                                {work.threads, 1, 1},   0,          int32_t(arguments.size()),
                                arguments.data()};
  attempt([&](oriel_error *failure) { return api.launch(queue, kernel, failure); });
}

double DevicePeakBench::secondsOf(const Work &work) {
  auto begin = std::chrono::steady_clock::now();
  launch(work);
  attempt([&](oriel_error *failure) { return api.synchronize(queue, failure); });
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  return std::max(time.count(), 1e-9);
}

double DevicePeakBench::turnsPerSecond(Work work) {
  // Beside which a launch and the wait for it, some 20 microseconds, weigh little.
  constexpr double longEnough = 10e-3;
  constexpr int mostTurns = 1 << 20, repetitions = 3;
  // The first launch waits for the driver's compiler.
  secondsOf(work);
  double seconds = secondsOf(work);
  while (error.empty() && seconds < longEnough && work.turns < mostTurns) {
    work.turns *= 2;
    seconds = secondsOf(work);
  }
  for (int i = 1; i < repetitions; ++i) {
    seconds = std::min(seconds, secondsOf(work));
  }
  return error.empty() ? work.turns / seconds : 0;
}

double DevicePeakBench::measureFlops() {
  double best = 0;
  for (int threads : sizesOfBlocks()) {
    double operations = 2.0 * kernels.addsPerStep * arithmeticBlocks * threads;
    best =
        std::max(best, operations * turnsPerSecond(prepareArithmetic(arithmeticBlocks, threads)));
    closeQueue();
  }
  return best;
}

double DevicePeakBench::measureReading(int64_t bytes) {
  double best = 0;
  for (int threads : sizesOfBlocks()) {
    Work work = prepareReading(bytes, threads);
    // What failed on the queue leaves the device and the other queues as they were.
    if (!error.empty() && status == ORIEL_OUT_OF_RESOURCES) {
      error.clear();
    } else {
      best = std::max(best, double(bytes) * turnsPerSecond(work));
    }
    closeQueue();
  }
  return best;
}

std::vector<float> DevicePeakBench::resultsOf(const Work &work) {
  std::vector<float> results(size_t(work.resultBytes()) / sizeof(float));
  launch(work);
  attempt([&](oriel_error *failure) {
    return api.download(queue, work.results, results.data(), uint64_t(work.resultBytes()), failure);
  });
  attempt([&](oriel_error *failure) { return api.synchronize(queue, failure); });
  closeQueue();
  return results;
}

std::vector<float> DevicePeakBench::multiplyAdd(int blocks, int threads, int steps, float factor,
                                                float term) {
  Work work = prepareArithmetic(blocks, threads);
  work.turns = steps;
  work.factor = factor;
  work.term = term;
  return resultsOf(work);
}

std::vector<float> DevicePeakBench::readMemory(const std::vector<float> &values, int threads,
                                               int turns) {
  auto bytes = int64_t(values.size() * sizeof(float));
  Work work = prepareReading(bytes, threads);
  work.turns = turns;
  attempt([&](oriel_error *failure) {
    return api.upload(queue, work.values, values.data(), uint64_t(bytes), failure);
  });
  return resultsOf(work);
}
