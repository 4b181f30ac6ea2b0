//===- TimedModule.cpp - A module that is run again and again -------------===//

#include "tools/support/TimedModule.h"

#include <chrono>
#include <cstring>
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

/// Bytes of a noisy photograph, or values as a normalised one has them; always the same.
static std::vector<std::byte> makeSeededInput(const oriel_tensor_info &tensor, int64_t batch) {
  std::mt19937 generator(1);
  std::vector<std::byte> bytes(size_t(batch * bytesPerItem(tensor)));
  if (tensor.element_type == ORIEL_ELEMENT_U8) {
    for (std::byte &value : bytes) {
      value = std::byte(generator() >> 24);
    }
    return bytes;
  }
  for (size_t i = 0; i < bytes.size(); i += sizeof(float)) {
    float value = float(generator() >> 8) * 0x1p-23f - 1.0f;
    memcpy(&bytes[i], &value, sizeof value);
  }
  return bytes;
}

TimedModule::TimedModule(const std::string &path, const std::string &variant, oriel_pool *pool,
                         int threads, int batch, int slice, bool isProfiled) {
  oriel_load_options loadOptions = {};
  loadOptions.struct_size = sizeof loadOptions;
  loadOptions.target = variant.empty() ? nullptr : variant.c_str();
  module = loadModule(path, loadOptions);
  const oriel_signature &signature = singleTensorSignature(*module);
  oriel_context_options contextOptions = {};
  contextOptions.struct_size = sizeof contextOptions;
  contextOptions.threads = threads;
  contextOptions.batch = batch;
  contextOptions.slice = slice;
  contextOptions.pool = pool;
  contextOptions.profile = isProfiled ? 1 : 0;
  context = createContext(*module, contextOptions);
  input = makeSeededInput(signature.inputs[0], this->batch());
  output.resize(size_t(this->batch() * elementsPerItem(signature.outputs[0])));
}

double TimedModule::run() {
  Clock::time_point begin = Clock::now();
  runContext(*context, input.data(), output.data());
  return secondsSince(begin) * 1000;
}

double TimedModule::runLaunch(int32_t launch, int32_t repeats) {
  Clock::time_point begin = Clock::now();
  oriel::runLaunch(*context, launch, repeats, input.data(), output.data());
  return secondsSince(begin) * 1000;
}

void TimedModule::warmUp(double seconds) {
  Clock::time_point start = Clock::now();
  for (int count = 0; count < 3 || secondsSince(start) < seconds; ++count) {
    run();
  }
}

std::string TimedModule::model() const { return oriel_module_describe(module.get())->model_name; }

std::string TimedModule::target() const { return variant().target; }
