// oriel-bench: measures how long a compiled model runs.

#include "tools/support/Tool.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <sched.h>

using namespace oriel;

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string modulePath;
  int threads = 0;
  double seconds = 3.0;
  bool json = false;
};

/// Keeps the calling thread on the first processor it may use; the pool, made before, has the next.
void pinCaller() {
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
std::vector<float> seededInput(int64_t count) {
  std::mt19937 generator(1);
  std::vector<float> values;
  values.reserve(size_t(count));
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(float(generator() >> 8) * 0x1p-23f - 1.0f);
  }
  return values;
}

/// Milliseconds of each run, after a tenth of the time (three runs at least) to warm up.
std::vector<double> measure(oriel_context &context, const oriel_signature &signature,
                            double seconds) {
  int64_t batch = oriel_context_batch(&context);
  std::vector<float> input = seededInput(batch * elementsPerItem(signature.inputs[0]));
  std::vector<float> output(size_t(batch * elementsPerItem(signature.outputs[0])));
  auto elapsed = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  Clock::time_point start = Clock::now();
  for (int run = 0; run < 3 || elapsed(start) < seconds / 10; ++run) {
    runContext(context, input.data(), output.data());
  }
  std::vector<double> milliseconds;
  start = Clock::now();
  while (milliseconds.empty() || elapsed(start) < seconds) {
    Clock::time_point begin = Clock::now();
    runContext(context, input.data(), output.data());
    milliseconds.push_back(elapsed(begin) * 1000);
  }
  return milliseconds;
}

void run(const Options &options) {
  oriel_load_options loadOptions = {};
  loadOptions.struct_size = sizeof loadOptions;
  ModuleHandle module = loadModule(options.modulePath, loadOptions);
  const oriel_signature &signature = singleTensorSignature(*module);
  PoolHandle pool = createPool({sizeof(oriel_pool_options), options.threads, 1, 0});
  pinCaller();
  oriel_context_options contextOptions = {};
  contextOptions.struct_size = sizeof contextOptions;
  contextOptions.threads = options.threads;
  contextOptions.pool = pool.get();
  ContextHandle context = createContext(*module, contextOptions);
  std::vector<double> times = measure(*context, signature, options.seconds);
  int32_t batch = oriel_context_batch(context.get());
  nlohmann::ordered_json json = {
      {"model", oriel_module_describe(module.get())->model_name},
      {"target", oriel_module_variant(module.get(), batch)->target},
      {"batch", batch},
      {"threads", oriel_context_threads(context.get())},
      {"median_ms", quantile(times, 0.5)},
      {"min_ms", quantile(times, 0.0)},
      {"p90_ms", quantile(times, 0.9)},
      {"runs", times.size()},
  };
  if (options.json) {
    printf("%s\n", json.dump(2).c_str());
    return;
  }
  for (const auto &[key, value] : json.items()) {
    printf("%-10s %s\n", key.c_str(),
           value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
  }
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Measures how long a compiled model runs, on a seeded input with pinned threads.",
               "oriel-bench");
  app.footer("Example:\n  oriel-bench mobilevit_s.so --threads 1 --secs 5");
  app.add_option("module", options.modulePath, "The module that oriel-compile wrote")->required();
  app.add_option("--threads", options.threads, "Threads to use; all processors without it")
      ->check(CLI::Range(1, 256));
  app.add_option("--secs", options.seconds, "Seconds to measure for")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print one JSON object");
  return runTool(app, argc, argv, [&] { run(options); });
}
