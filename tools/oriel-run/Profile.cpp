#include "tools/oriel-run/Profile.h"

#include "tools/support/Tool.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

using namespace oriel;

using Json = nlohmann::ordered_json;

namespace {

/// What launches have together. Times are integers, so sums of sums are exact.
struct Sum {
  uint64_t nanoseconds = 0;
  int64_t launches = 0, flops = 0, bytes = 0;

  void add(const Sum &other) {
    nanoseconds += other.nanoseconds;
    launches += other.launches;
    flops += other.flops;
    bytes += other.bytes;
  }
  /// Operations and bytes of `runs` runs; a rate is 0 where the clock saw no time.
  Json json(int64_t runs) const {
    double time = double(nanoseconds);
    auto rate = [&](int64_t count) { return time > 0 ? double(count) * double(runs) / time : 0.0; };
    return {{"ns", nanoseconds}, {"launches", launches},   {"flops", flops},
            {"bytes", bytes},    {"gflop_s", rate(flops)}, {"gb_s", rate(bytes)}};
  }
};

using Sums = std::map<std::string, Sum>;

} // namespace

static uint64_t lengthOf(oriel_span span) { return span.end_ns - span.begin_ns; }

/// [{key: name, ...}], the longest first.
static Json ranked(const Sums &sums, const char *key, int64_t runs) {
  std::vector<std::pair<std::string, Sum>> order(sums.begin(), sums.end());
  std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
    return std::pair(b.second.nanoseconds, a.first) < std::pair(a.second.nanoseconds, b.first);
  });
  Json list = Json::array();
  for (const auto &[name, sum] : order) {
    Json entry = {{key, name}};
    entry.update(sum.json(runs));
    list.push_back(std::move(entry));
  }
  return list;
}

/// The modules that hold `layer`, from the whole model, "", down to itself.
static std::vector<std::string> modulesOf(const std::string &layer) {
  std::vector<std::string> paths = {""};
  for (size_t dot = layer.find('.'); dot != std::string::npos; dot = layer.find('.', dot + 1)) {
    paths.push_back(layer.substr(0, dot));
  }
  if (!layer.empty()) {
    paths.push_back(layer);
  }
  return paths;
}

Profile::Profile(const oriel_context &context)
    : context(context), variant(*oriel_context_variant(&context)) {}

void Profile::addRun() {
  const oriel_profile &last = *oriel_context_profile(&context);
  int64_t launches = last.launch_count;
  runs.push_back({last.run,
                  {last.launches, last.launches + launches},
                  {last.workers, last.workers + launches * last.worker_count}});
}

Json Profile::summary(const std::string &model) const {
  auto count = int64_t(runs.size());
  int64_t batch = oriel_context_batch(&context);
  Sums kernels, layers, modules, families;
  std::map<std::string, std::set<std::string>> layersOfKernel;
  std::map<std::string, uint64_t> own;
  Json launches = Json::array();
  for (int32_t i = 0; i < variant.launch_count; ++i) {
    const oriel_launch_info &launch = variant.launches[i];
    const oriel_kernel_info &kernel = variant.kernels[launch.kernel];
    Sum sum = {0, 1, batch * launch.flops_per_item,
               batch * launch.bytes_per_item + launch.parameter_bytes};
    for (const Run &run : runs) {
      sum.nanoseconds += lengthOf(run.launches[size_t(i)]);
    }
    Json entry = {{"name", launch.name}, {"layer", launch.layer}, {"kernel", kernel.name}};
    entry.update(sum.json(count));
    launches.push_back(std::move(entry));
    kernels[kernel.name].add(sum);
    layersOfKernel[kernel.name].insert(launch.layer);
    layers[launch.layer].add(sum);
    families[kernel.family].add(sum);
    own[launch.layer] += sum.nanoseconds;
    for (const std::string &path : modulesOf(launch.layer)) {
      modules[path].add(sum);
    }
  }
  Json times = Json::array();
  for (const Run &run : runs) {
    uint64_t inLaunches = 0;
    for (oriel_span span : run.launches) {
      inLaunches += lengthOf(span);
    }
    times.push_back({{"wall_ns", lengthOf(run.run)}, {"launches_ns", inLaunches}});
  }
  Json result = {{"version", 1},
                 {"model", model},
                 {"device", variant.device},
                 {"target", variant.target},
                 {"batch", batch},
                 {"threads", oriel_context_threads(&context)},
                 {"runs", times},
                 {"launches", launches},
                 {"kernels", ranked(kernels, "name", count)},
                 {"layers", ranked(layers, "name", count)},
                 {"modules", ranked(modules, "path", count)},
                 {"families", ranked(families, "name", count)}};
  for (Json &kernel : result["kernels"]) {
    kernel["layers"] = layersOfKernel[kernel["name"].get<std::string>()];
  }
  for (Json &module : result["modules"]) {
    module["self_ns"] = own[module["path"].get<std::string>()];
  }
  return result;
}

std::string Profile::describe(const Json &summary, size_t depth) {
  uint64_t wall = 0, inLaunches = 0;
  for (const Json &run : summary["runs"]) {
    wall += run["wall_ns"].get<uint64_t>();
    inLaunches += run["launches_ns"].get<uint64_t>();
  }
  double runs = double(summary["runs"].size());
  char line[512];
  std::string text;
  auto print = [&](const std::string &name, const Json &entry) {
    double time = double(entry["ns"].get<uint64_t>());
    snprintf(line, sizeof line, "%-48.200s %9.3f %6.1f %9d %9.1f %9.1f\n", name.c_str(),
             time / runs * 1e-6, wall > 0 ? 100 * time / double(wall) : 0.0,
             entry["launches"].get<int>(), entry["gflop_s"].get<double>(),
             entry["gb_s"].get<double>());
    text += line;
  };
  auto title = [&](const char *kind) {
    snprintf(line, sizeof line, "\n%-48s %9s %6s %9s %9s %9s\n", kind, "ms", "%", "launches",
             "GFLOP/s", "GB/s");
    text += line;
  };
  for (const auto &[key, heading] : {std::pair("families", "kind of kernel"),
                                     {"modules", "module"},
                                     {"kernels", "kernel"},
                                     {"layers", "layer"}}) {
    title(heading);
    for (const Json &entry : summary[key]) {
      std::string name = entry[std::string(key) == "modules" ? "path" : "name"];
      auto dots = size_t(std::count(name.begin(), name.end(), '.'));
      if (std::string(key) == "modules" && dots + 1 > depth) {
        continue;
      }
      print(name.empty() ? "(whole model)" : name, entry);
    }
  }
  snprintf(line, sizeof line, "\nkernels take %.1f %% of %.3f ms a run (mean of %.0f)\n",
           wall > 0 ? 100.0 * double(inLaunches) / double(wall) : 0.0, double(wall) / runs * 1e-6,
           runs);
  return text + line;
}

Json Profile::trace(const std::string &model) const {
  Json events = Json::array();
  auto name = [&](const char *what, int track, const std::string &value) {
    events.push_back(
        {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", track}, {"args", {{"name", value}}}});
  };
  name("process_name", 0, model);
  for (int32_t worker = 0; worker < oriel_context_threads(&context); ++worker) {
    name("thread_name", worker, "thread " + std::to_string(worker));
  }
  for (const Run &run : runs) {
    for (size_t i = 0; i < run.workers.size(); ++i) {
      oriel_span span = run.workers[i];
      if (span.end_ns == 0) {
        continue;
      }
      const oriel_launch_info &launch = variant.launches[i % run.launches.size()];
      const oriel_kernel_info &kernel = variant.kernels[launch.kernel];
      events.push_back({{"name", launch.layer},
                        {"cat", kernel.family},
                        {"ph", "X"},
                        {"pid", 1},
                        {"tid", i / run.launches.size()},
                        {"ts", double(span.begin_ns - runs[0].run.begin_ns) * 1e-3},
                        {"dur", double(lengthOf(span)) * 1e-3},
                        {"args", {{"launch", launch.name}, {"kernel", kernel.name}}}});
    }
  }
  return {{"displayTimeUnit", "ns"}, {"traceEvents", events}};
}

void oriel::writeJson(const std::string &path, const Json &json) {
  std::ofstream file(path);
  file << json.dump(1, ' ', false, Json::error_handler_t::replace) << "\n";
  if (!file.flush()) {
    throw ToolError("cannot write '" + path + "': name a file in a folder that exists, on a disk " +
                    "that has room");
  }
}
