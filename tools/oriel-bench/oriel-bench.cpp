// oriel-bench: measures how long a compiled model runs, alone or in turns with another.

#include "tools/oriel-bench/KernelTiming.h"
#include "tools/support/TimeComparison.h"
#include "tools/support/TimedModule.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace oriel;

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string modulePath, againstPath;
  std::string variant, againstVariant;
  std::string kernel;
  int threads = 0, batch = 0, slice = 0;
  double seconds = 3.0;
  bool json = false;
};

/// Times of `sessions` that run in turns, each after a tenth of the time to warm up. Every other
/// round turns the order around.
std::vector<std::vector<double>> measure(std::vector<TimedModule *> sessions, double seconds,
                                         size_t leastRounds) {
  for (TimedModule *session : sessions) {
    session->warmUp(seconds / 10);
  }
  std::vector<std::vector<double>> times(sessions.size());
  auto start = std::chrono::steady_clock::now();
  auto isOver = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() >=
           seconds;
  };
  for (size_t round = 0; round < leastRounds || !isOver(); ++round) {
    for (size_t i = 0; i < sessions.size(); ++i) {
      size_t turn = round % 2 == 0 ? i : sessions.size() - 1 - i;
      times[turn].push_back(sessions[turn]->run());
    }
  }
  return times;
}

Json summarise(const TimedModule &session, const std::vector<double> &times) {
  return {
      {"model", session.model()},       {"target", session.target()},
      {"batch", session.batch()},       {"slice", session.slice()},
      {"threads", session.threads()},   {"median_ms", quantile(times, 0.5)},
      {"min_ms", quantile(times, 0.0)}, {"p90_ms", quantile(times, 0.9)},
      {"runs", times.size()},
  };
}

void print(const Json &json) {
  for (const auto &[key, value] : json.items()) {
    printf("%-10s %s\n", key.c_str(),
           value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
  }
}

void printComparison(const Options &options, const Json &first, const Json &second,
                     const TimeComparison &comparison) {
  if (options.json) {
    Json json = {{"first", first},
                 {"second", second},
                 {"ratio", comparison.ratio},
                 {"ratio_low", comparison.low},
                 {"ratio_high", comparison.high},
                 {"verdict", comparison.describeVerdict()}};
    printf("%s\n", json.dump(2).c_str());
    return;
  }
  printf("%s\n", options.modulePath.c_str());
  print(first);
  printf("%s\n", options.againstPath.c_str());
  print(second);
  printf("%s is %.3f times as fast (95 %%: %.3f to %.3f): %s\n", options.modulePath.c_str(),
         comparison.ratio, comparison.low, comparison.high, comparison.describeVerdict().c_str());
}

/// What a launch is, and its times in microseconds.
Json summariseLaunch(const TimedModule &session, int32_t position,
                     const std::vector<double> &times) {
  const oriel_launch_info &launch = session.variant().launches[position];
  const oriel_kernel_info &kernel = session.variant().kernels[launch.kernel];
  double median = quantile(times, 0.5);
  auto flops = double(launch.flops_per_item * session.slice());
  auto bytes = double(launch.bytes_per_item * session.slice() + launch.parameter_bytes);
  return {
      {"model", session.model()},
      {"target", session.target()},
      {"batch", session.batch()},
      {"slice", session.slice()},
      {"threads", session.threads()},
      {"kernel", kernel.name},
      {"family", kernel.family},
      {"layer", launch.layer},
      {"median_us", median},
      {"min_us", quantile(times, 0.0)},
      {"p90_us", quantile(times, 0.9)},
      {"spread", (quantile(times, 0.75) - quantile(times, 0.25)) / median},
      {"gflop_s", flops / (median * 1e3)},
      {"gb_s", bytes / (median * 1e3)},
      {"samples", times.size()},
  };
}

void run(const Options &options) {
  PoolHandle pool = createPool({sizeof(oriel_pool_options), options.threads, 1, 0});
  pinCaller();
  TimedModule session(options.modulePath, options.variant, pool.get(), options.threads,
                      options.batch, options.slice);
  if (!options.againstPath.empty()) {
    TimedModule against(options.againstPath, options.againstVariant, pool.get(), options.threads,
                        options.batch, options.slice);
    constexpr size_t leastPairs = 5;
    auto times = measure({&session, &against}, options.seconds, leastPairs);
    printComparison(options, summarise(session, times[0]), summarise(against, times[1]),
                    compareTimes(times[0], times[1]));
    return;
  }
  Json json;
  if (options.kernel.empty()) {
    json = summarise(session, measure({&session}, options.seconds, 1)[0]);
  } else {
    int32_t launch = findLaunch(session.variant(), options.kernel);
    json = summariseLaunch(session, launch, timeLaunch(session, launch, options.seconds));
  }
  if (options.json) {
    printf("%s\n", json.dump(2).c_str());
  } else {
    print(json);
  }
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Measures how long a compiled model runs, on a seeded input with pinned threads.",
               "oriel-bench");
  app.footer("Example:\n"
             "  oriel-bench mobilevit_s.so --threads 1 --secs 5\n"
             "  oriel-bench new.so --against old.so --secs 20\n"
             "  oriel-bench mobilevit_s.so --kernel stages.4.1.conv_fusion.conv --threads 1");
  app.add_option("module", options.modulePath, "The module that oriel-compile wrote")->required();
  app.add_option("--against", options.againstPath,
                 "Another module, run in turns with the first, and how much faster that is");
  app.add_option("--kernel", options.kernel,
                 "Time one kernel alone, as the module has it: NAME is the kernel's, as oriel-info "
                 "shows it (its first launch), or a layer's. It runs again and again on what the "
                 "model gives it, so caches are warm: what fits into them is there already")
      ->type_name("NAME")
      ->excludes("--against");
  constexpr const char *variantHelp =
      "Run the variant of this target, such as x86-64-v3, not the best for the processor";
  app.add_option("--variant", options.variant, variantHelp)->type_name("TARGET");
  app.add_option("--against-variant", options.againstVariant, variantHelp)->type_name("TARGET");
  app.add_option("--threads", options.threads, "Threads to use; all processors without it")
      ->check(CLI::Range(1, 256));
  app.add_option("--batch", options.batch, "Images per run; without it those of the module")
      ->check(CLI::Range(1, 4096));
  app.add_option("--slice", options.slice,
                 "Images of the batch to compute at once, a divisor of it; without it as many as "
                 "the caches hold")
      ->check(CLI::Range(1, 4096));
  app.add_option("--secs", options.seconds, "Seconds to measure for")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print one JSON object");
  return runTool(app, argc, argv, [&] { run(options); });
}
