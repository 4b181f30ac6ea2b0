// Where the time of runs goes: sums over launches, kernels, layers, modules and kinds of kernels,
// and the runs on a time line. docs/profile.md describes the files.

#ifndef ORIEL_TOOLS_ORIEL_RUN_PROFILE_H
#define ORIEL_TOOLS_ORIEL_RUN_PROFILE_H

#include "oriel/runtime.h"
#include "tools/oriel-run/Counters.h"
#include "tools/oriel-run/Peaks.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace oriel {

class Profile {
public:
  /// Of runs of `context`, made with oriel_context_options.profile; both must outlive this.
  Profile(const oriel_context &context, const Counters &counters);

  /// Takes the context's last run.
  void addRun();

  /// At least one run must have been added.
  nlohmann::ordered_json summary(const std::string &model, const Peaks &peaks) const;
  /// In Chrome's trace event format, which Perfetto reads too: a track for each worker.
  nlohmann::ordered_json trace(const std::string &model) const;

private:
  struct Run {
    oriel_span run;
    std::vector<oriel_span> launches, workers;
  };

  const oriel_context &context;
  const oriel_variant &variant;
  const Counters &counters;
  std::vector<Run> runs;
};

/// A line for each kind, module down to `depth` names, kernel and layer of a summary, the longest
/// first.
std::string describeProfile(const nlohmann::ordered_json &summary, size_t depth);

/// Writes `json` to the file `path`; throws ToolError.
void writeJson(const std::string &path, const nlohmann::ordered_json &json);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_RUN_PROFILE_H
