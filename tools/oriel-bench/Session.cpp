//===- Session.cpp - A module that is run again and again -----------------===//

#include "tools/oriel-bench/Session.h"

#include <chrono>
#include <random>
#include <sched.h>

using namespace oriel;

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void oriel::pinCaller() {
  cpu_set_t allowed, first;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return;
  }
  CPU_ZERO(&first);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) {
      CPU_SET(cpu, &first);
      sched_setaffinity(0, sizeof first, &first);
      return;
    }
  }
}

/// Values as a normalised photograph has them, always the same.
static std::vector<float> makeSeededInput(int64_t count) {
  std::mt19937 generator(1);
  std::vector<float> values;
  values.reserve(size_t(count));
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(float(generator() >> 8) * 0x1p-23f - 1.0f);
  }
  return values;
}

Session::Session(const std::string &path, const std::string &variant, oriel_pool *pool,
                 int threads) {
  oriel_load_options loadOptions = {};
  loadOptions.struct_size = sizeof loadOptions;
  loadOptions.target = variant.empty() ? nullptr : variant.c_str();
  module = loadModule(path, loadOptions);
  const oriel_signature &signature = singleTensorSignature(*module);
  oriel_context_options contextOptions = {};
  contextOptions.struct_size = sizeof contextOptions;
  contextOptions.threads = threads;
  contextOptions.pool = pool;
  context = createContext(*module, contextOptions);
  input = makeSeededInput(batch() * elementsPerItem(signature.inputs[0]));
  output.resize(size_t(batch() * elementsPerItem(signature.outputs[0])));
}

double Session::run() {
  Clock::time_point begin = Clock::now();
  runContext(*context, input.data(), output.data());
  return secondsSince(begin) * 1000;
}

void Session::warmUp(double seconds) {
  Clock::time_point start = Clock::now();
  for (int count = 0; count < 3 || secondsSince(start) < seconds; ++count) {
    run();
  }
}

std::string Session::model() const { return oriel_module_describe(module.get())->model_name; }

std::string Session::target() const { return oriel_module_variant(module.get(), batch())->target; }
