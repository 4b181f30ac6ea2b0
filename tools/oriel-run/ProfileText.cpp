#include "tools/oriel-run/Profile.h"

#include <algorithm>
#include <cstdio>

using namespace oriel;

using Json = nlohmann::ordered_json;

namespace {

/// Lines of a table.
class Table {
public:
  explicit Table(const Json &summary)
      : runs(double(summary["runs"].size())), hasPeaks(!summary["peaks"].contains("missing")) {
    for (const Json &run : summary["runs"]) {
      wall += run["wall_ns"].get<double>();
      inLaunches += run["launches_ns"].get<double>();
    }
    hasInstructions = summary["modules"][0].contains("instructions");
  }

  void addTitle(const char *kind) {
    add("\n%-48s %9s %6s %9s %9s %6s %9s %6s", kind, "ms", "%", "launches", "GFLOP/s", "peak",
        "GB/s", "peak");
    add(hasInstructions ? " %7s %9s\n" : "\n", "instr/c", "MB missed");
  }

  void addEntry(const std::string &name, const Json &entry) {
    double time = entry["ns"];
    add("%-48.200s %9.3f %6.1f %9d %9.1f %6s %9.1f %6s", name.c_str(), time / runs * 1e-6,
        wall > 0 ? 100 * time / wall : 0.0, entry["launches"].get<int>(),
        entry["gflop_s"].get<double>(), share(entry, "flop_share").c_str(),
        entry["gb_s"].get<double>(), share(entry, "bandwidth_share").c_str());
    if (hasInstructions) {
      double cycles = entry.value("cycles", 0.0);
      // A line of the last-level cache has 64 bytes.
      add(" %7.2f %9.2f", cycles > 0 ? entry["instructions"].get<double>() / cycles : 0.0,
          entry.value("cache_misses", 0.0) * 64e-6);
    }
    text += "\n";
  }

  void addLayers(const Json &layers) {
    if (layers.empty()) {
      return;
    }
    text += "    with";
    for (const Json &layer : layers) {
      text += (&layer == &layers[0] ? " " : ", ") + layer.get<std::string>();
    }
    text += "\n";
  }

  void addEnd(const Json &summary) {
    add("\nkernels take %.1f %% of %.3f ms a run (mean of %.0f)\n",
        wall > 0 ? 100 * inLaunches / wall : 0.0, wall / runs * 1e-6, runs);
    if (hasPeaks) {
      add("peaks: %.1f GFLOP/s", summary["peaks"]["gflop_s"].get<double>());
      for (const Json &reading : summary["peaks"]["read"]) {
        add(", %.1f GB/s in %lld KiB", reading["gb_s"].get<double>(),
            static_cast<long long>(reading["bytes"].get<int64_t>() >> 10));
      }
      text += "\n";
    } else {
      text += summary["peaks"]["missing"].get<std::string>() + "\n";
    }
    if (summary.contains("counters_missing")) {
      text += "hardware counters: " + summary["counters_missing"].get<std::string>() + "\n";
    }
  }

  std::string text;

private:
  template <typename... Arguments>
  void add(const char *format, Arguments... arguments) {
    char line[512];
    snprintf(line, sizeof line, format, arguments...);
    text += line;
  }

  /// Per cent of a peak.
  std::string share(const Json &entry, const char *key) const {
    char number[32];
    snprintf(number, sizeof number, "%.0f%%", 100 * entry.value(key, 0.0));
    return hasPeaks ? number : "-";
  }

  double runs, wall = 0, inLaunches = 0;
  bool hasPeaks, hasInstructions = false;
};

} // namespace

std::string oriel::describeProfile(const Json &summary, size_t depth) {
  Table table(summary);
  for (const auto &[key, heading] : {std::pair("families", "kind of kernel"),
                                     {"modules", "module"},
                                     {"kernels", "kernel"},
                                     {"layers", "layer"}}) {
    table.addTitle(heading);
    for (const Json &entry : summary[key]) {
      std::string name = entry[std::string(key) == "modules" ? "path" : "name"];
      auto dots = size_t(std::count(name.begin(), name.end(), '.'));
      if (std::string(key) == "modules" && dots + 1 > depth) {
        continue;
      }
      table.addEntry(name.empty() ? "(whole model)" : name, entry);
      if (std::string(key) == "layers") {
        table.addLayers(entry["with"]);
      }
    }
  }
  table.addEnd(summary);
  return table.text;
}
