// What oriel-run says of its results: classes with percentages, as text or JSON.

#ifndef ORIEL_TOOLS_ORIEL_RUN_REPORT_H
#define ORIEL_TOOLS_ORIEL_RUN_REPORT_H

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace oriel {

struct ClassScore {
  int64_t index;
  std::string name;
  float logit;
  /// Softmax over all classes, in [0, 1].
  double probability;
};

/// The `count` classes with the largest logits, largest first, the lower index first among equals.
std::vector<ClassScore> topClasses(const float *logits, const std::vector<std::string> &names,
                                   int64_t count);

/// "<name>: <class> <percent>, <class> <percent>".
std::string resultLine(const std::string &name, const std::vector<ClassScore> &scores);

nlohmann::ordered_json resultJson(const std::string &name, const std::vector<ClassScore> &scores);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_RUN_REPORT_H
