//===- KernelTiming.cpp - One kernel of a module, timed alone -------------===//

#include "tools/oriel-bench/KernelTiming.h"

#include "compiler/Pipeline/LaunchNames.h"

#include <algorithm>
#include <chrono>

using namespace oriel;

int32_t oriel::findLaunch(const oriel_variant &variant, const std::string &name) {
  std::vector<LaunchNames> launches;
  for (int32_t i = 0; i < variant.launch_count; ++i) {
    const oriel_launch_info &launch = variant.launches[i];
    launches.push_back(
        {variant.kernels[launch.kernel].name, {launch.layers, launch.layers + launch.layer_count}});
  }
  if (auto position = findLaunch(launches, name)) {
    return int32_t(*position);
  }
  throw ToolError(describeUnknownLaunch(launches, name));
}

std::vector<double> oriel::timeLaunch(TimedModule &session, int32_t launch, double seconds) {
  session.run();
  for (int32_t before = 0; before < launch; ++before) {
    session.runLaunch(before, 1);
  }
  auto start = std::chrono::steady_clock::now();
  auto isOver = [&](double limit) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() >= limit;
  };
  // Warms up for a tenth of the time, with twice as many each time until they take long enough.
  constexpr double leastMilliseconds = 0.2;
  int32_t repeats = 1;
  for (int count = 0; count < 3 || !isOver(seconds / 10); ++count) {
    if (session.runLaunch(launch, repeats) < leastMilliseconds && repeats < 1 << 20) {
      repeats *= 2;
    }
  }
  std::vector<double> times;
  start = std::chrono::steady_clock::now();
  constexpr size_t leastSamples = 5;
  while (times.size() < leastSamples || !isOver(seconds)) {
    times.push_back(session.runLaunch(launch, repeats) * 1000 / repeats);
  }
  return times;
}
