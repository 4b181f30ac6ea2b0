// What oriel-eval says: a text, a JSON object, a table of predictions.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_REPORT_H
#define ORIEL_TOOLS_ORIEL_EVAL_REPORT_H

#include "tools/oriel-eval/Evaluation.h"

#include <nlohmann/json.hpp>

namespace oriel {

/// A whole evaluation, or, after Ctrl-C, a part of one.
struct EvaluationRun {
  std::string model;
  std::string target;
  int batch = 0;
  int threads = 0;
  int workers = 0;
  std::vector<std::string> classNames;
  data::ImageList list;
  /// Pictures that were to be evaluated.
  size_t wanted = 0;
  Evaluation evaluation;
  double seconds = 0;
  /// Of work, summed over threads.
  double loadingSeconds = 0;
  double transformSeconds = 0;
  double modelSeconds = 0;

  size_t done() const { return evaluation.predictions().size() + evaluation.failures().size(); }
  double imagesPerSecond() const { return seconds > 0 ? double(done()) / seconds : 0; }
};

std::string reportText(const EvaluationRun &run);

nlohmann::ordered_json reportJson(const EvaluationRun &run);

/// Every picture as a line of comma-separated values (RFC 4180) below a line of titles: file, its
/// class, the predicted class, its probability, the rank of the picture's class (1: predicted), and
/// what is wrong with a file that could not be read.
std::string predictionsCsv(const EvaluationRun &run);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_REPORT_H
