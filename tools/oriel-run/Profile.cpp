#include "tools/oriel-run/Profile.h"

#include "tools/support/Tool.h"

#include <algorithm>
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
  /// What arithmetic and memory alone would take of a run at their peaks, and the sum of what each
  /// launch takes at least.
  double arithmeticNanoseconds = 0, memoryNanoseconds = 0, limitNanoseconds = 0;
  Counters::Counts counts = {};

  void add(const Sum &other) {
    nanoseconds += other.nanoseconds;
    launches += other.launches;
    flops += other.flops;
    bytes += other.bytes;
    arithmeticNanoseconds += other.arithmeticNanoseconds;
    memoryNanoseconds += other.memoryNanoseconds;
    limitNanoseconds += other.limitNanoseconds;
    for (size_t i = 0; i < counts.size(); ++i) {
      counts[i] += other.counts[i];
    }
  }
};

/// How sums are written: what all of them have in common.
struct Writer {
  int64_t runs;
  const Peaks &peaks;
  const Counters &counters;

  /// A rate is 0 where the clock saw no time.
  Json json(const Sum &sum) const {
    double time = double(sum.nanoseconds);
    auto rate = [&](double count) { return time > 0 ? count * double(runs) / time : 0.0; };
    Json result = {{"ns", sum.nanoseconds},
                   {"launches", sum.launches},
                   {"flops", sum.flops},
                   {"bytes", sum.bytes},
                   {"gflop_s", rate(double(sum.flops))},
                   {"gb_s", rate(double(sum.bytes))}};
    if (peaks.areKnown()) {
      result["flop_share"] = rate(sum.arithmeticNanoseconds);
      result["bandwidth_share"] = rate(sum.memoryNanoseconds);
      result["limit_ns"] = sum.limitNanoseconds;
      result["limit_share"] = rate(sum.limitNanoseconds);
    }
    for (size_t i = 0; i < sum.counts.size() && !counters.counts().empty(); ++i) {
      if (counters.has(i)) {
        result[Counters::names[i]] = sum.counts[i];
      }
    }
    return result;
  }
};

using Sums = std::map<std::string, Sum>;

} // namespace

static uint64_t lengthOf(oriel_span span) { return span.end_ns - span.begin_ns; }

/// [{key: name, ...}], the longest first.
static Json ranked(const Sums &sums, const char *key, const Writer &writer) {
  std::vector<std::pair<std::string, Sum>> order(sums.begin(), sums.end());
  std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
    return std::pair(b.second.nanoseconds, a.first) < std::pair(a.second.nanoseconds, b.first);
  });
  Json list = Json::array();
  for (const auto &[name, sum] : order) {
    Json entry = {{key, name}};
    entry.update(writer.json(sum));
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

Profile::Profile(const oriel_context &context, const Counters &counters)
    : context(context), variant(*oriel_context_variant(&context)), counters(counters) {}

void Profile::addRun() {
  const oriel_profile &last = *oriel_context_profile(&context);
  int64_t launches = int64_t(last.slice_count) * last.launch_count;
  runs.push_back({last.run,
                  {last.launches, last.launches + launches},
                  {last.workers, last.workers + launches * last.worker_count}});
}

/// {"gflop_s", "read": [{"bytes", "gb_s"}]}, or what is missing.
static Json describePeaks(const Peaks &peaks) {
  if (!peaks.areKnown()) {
    return {{"missing", peaks.missing}};
  }
  Json readings = Json::array();
  for (const Peaks::Reading &reading : peaks.readings) {
    readings.push_back({{"bytes", reading.bytes}, {"gb_s", reading.rate * 1e-9}});
  }
  return {{"gflop_s", peaks.flops * 1e-9}, {"read", readings}};
}

static Json layersOf(const oriel_launch_info &launch) {
  return std::vector<std::string>(launch.layers, launch.layers + launch.layer_count);
}

Json Profile::summary(const std::string &model, const Peaks &peaks) const {
  Writer writer = {int64_t(runs.size()), peaks, counters};
  int64_t batch = oriel_context_batch(&context);
  int64_t slices = batch / oriel_context_slice(&context);
  int threads = oriel_context_threads(&context);
  Sums kernels, layers, modules, families;
  std::map<std::string, std::set<std::string>> layersOfKernel, others;
  std::map<std::string, uint64_t> own;
  Json launches = Json::array();
  for (int32_t i = 0; i < variant.launch_count; ++i) {
    const oriel_launch_info &launch = variant.launches[i];
    const oriel_kernel_info &kernel = variant.kernels[launch.kernel];
    Sum sum;
    sum.launches = slices;
    sum.flops = batch * launch.flops_per_item;
    sum.bytes = batch * launch.bytes_per_item + slices * launch.parameter_bytes;
    if (peaks.areKnown()) {
      sum.arithmeticNanoseconds = peaks.arithmeticNanoseconds(sum.flops);
      sum.memoryNanoseconds = double(slices) * peaks.memoryNanoseconds(sum.bytes / slices);
      sum.limitNanoseconds = std::max(sum.arithmeticNanoseconds, sum.memoryNanoseconds);
    }
    if (!counters.counts().empty()) {
      sum.counts = counters.counts()[size_t(i)];
    }
    for (const Run &run : runs) {
      for (size_t at = size_t(i); at < run.launches.size(); at += size_t(variant.launch_count)) {
        sum.nanoseconds += lengthOf(run.launches[at]);
      }
    }
    Json entry = {{"name", launch.name},
                  {"layer", launch.layer},
                  {"layers", layersOf(launch)},
                  {"kernel", kernel.name}};
    entry.update(writer.json(sum));
    launches.push_back(std::move(entry));
    kernels[kernel.name].add(sum);
    layersOfKernel[kernel.name].insert(launch.layer);
    layers[launch.layer].add(sum);
    others[launch.layer].insert(launch.layers, launch.layers + launch.layer_count);
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
  Json result = {{"version", 2},
                 {"model", model},
                 {"device", variant.device},
                 {"target", variant.target},
                 {"batch", batch},
                 {"slice", oriel_context_slice(&context)},
                 {"threads", threads},
                 {"peaks", describePeaks(peaks)},
                 {"runs", times},
                 {"launches", launches},
                 {"kernels", ranked(kernels, "name", writer)},
                 {"layers", ranked(layers, "name", writer)},
                 {"modules", ranked(modules, "path", writer)},
                 {"families", ranked(families, "name", writer)}};
  if (!counters.missing().empty()) {
    result["counters_missing"] = counters.missing();
  }
  for (Json &kernel : result["kernels"]) {
    kernel["layers"] = layersOfKernel[kernel["name"].get<std::string>()];
  }
  for (Json &layer : result["layers"]) {
    auto name = layer["name"].get<std::string>();
    others[name].erase(name);
    layer["with"] = others[name];
  }
  for (Json &module : result["modules"]) {
    module["self_ns"] = own[module["path"].get<std::string>()];
  }
  return result;
}

Json Profile::trace(const std::string &model) const {
  Json events = Json::array();
  auto name = [&](const char *what, int track, const std::string &value) {
    events.push_back(
        {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", track}, {"args", {{"name", value}}}});
  };
  name("process_name", 0, model);
  auto launches = size_t(variant.launch_count), threads = size_t(oriel_context_threads(&context));
  for (size_t worker = 0; worker < threads; ++worker) {
    name("thread_name", int(worker), "thread " + std::to_string(worker));
  }
  for (const Run &run : runs) {
    for (size_t i = 0; i < run.workers.size(); ++i) {
      oriel_span span = run.workers[i];
      if (span.end_ns == 0) {
        continue;
      }
      const oriel_launch_info &launch = variant.launches[i % launches];
      const oriel_kernel_info &kernel = variant.kernels[launch.kernel];
      events.push_back(
          {{"name", launch.layer},
           {"cat", kernel.family},
           {"ph", "X"},
           {"pid", 1},
           {"tid", i / launches % threads},
           {"ts", double(span.begin_ns - runs[0].run.begin_ns) * 1e-3},
           {"dur", double(lengthOf(span)) * 1e-3},
           {"args",
            {{"launch", launch.name}, {"kernel", kernel.name}, {"layers", layersOf(launch)}}}});
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
