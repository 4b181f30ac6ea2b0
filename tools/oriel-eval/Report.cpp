#include "tools/oriel-eval/Report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

using namespace oriel;

namespace {

__attribute__((format(printf, 1, 2))) std::string format(const char *pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

/// Parts of the whole work; 0 where there is none.
struct Shares {
  double loading = 0;
  double transform = 0;
  double model = 0;
};

Shares sharesOf(const EvaluationRun &run) {
  double sum = run.loadingSeconds + run.transformSeconds + run.modelSeconds;
  if (sum <= 0) {
    return {};
  }
  return {run.loadingSeconds / sum, run.transformSeconds / sum, run.modelSeconds / sum};
}

/// The class other than `label` that its pictures were taken for most often; -1 where none was.
int64_t mostlyTakenFor(const Evaluation &evaluation, int64_t label) {
  int64_t best = -1, most = 0;
  for (auto [predicted, count] : evaluation.predicted(label)) {
    if (predicted != label && count > most) {
      best = predicted;
      most = count;
    }
  }
  return best;
}

std::string classLines(const EvaluationRun &run) {
  size_t width = 5;
  for (const std::string &name : run.classNames) {
    width = std::max(width, name.size());
  }
  auto pad = [&](const std::string &name) { return name + std::string(width - name.size(), ' '); };
  std::string text = pad("class") + "  pictures   top-1  mostly taken for\n";
  for (int64_t label = 0; label < run.evaluation.classCount(); ++label) {
    int64_t pictures = run.evaluation.pictures(label);
    if (pictures == 0) {
      continue;
    }
    int64_t right = run.evaluation.confusion(label, label);
    int64_t other = mostlyTakenFor(run.evaluation, label);
    text += pad(run.classNames[size_t(label)]) +
            format("  %8ld  %5.1f%%", pictures, 100 * double(right) / double(pictures));
    if (other >= 0) {
      text += "  " + run.classNames[size_t(other)] +
              format(" (%ld)", run.evaluation.confusion(label, other));
    }
    text += "\n";
  }
  return text;
}

/// A field of a CSV file.
std::string quoted(const std::string &text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string result = "\"";
  for (char c : text) {
    result += c == '"' ? "\"\"" : std::string(1, c);
  }
  return result + "\"";
}

} // namespace

std::string oriel::reportText(const EvaluationRun &run) {
  const Evaluation &evaluation = run.evaluation;
  Shares shares = sharesOf(run);
  std::string text = classLines(run);
  text += format("\ntop-1 %.2f%%, top-5 %.2f%% of %zu pictures\n", 100 * evaluation.topAccuracy(1),
                 100 * evaluation.topAccuracy(5), evaluation.predictions().size());
  text += format("%.1f images/s (batch %d, threads %d, workers %d)\n", run.imagesPerSecond(),
                 run.batch, run.threads, run.workers);
  text += format("of the work: loading %.1f%%, preprocessing %.1f%%, model %.1f%%\n",
                 100 * shares.loading, 100 * shares.transform, 100 * shares.model);
  for (const FailedPicture &failure : evaluation.failures()) {
    text += "failed: " + failure.error + "\n";
  }
  return text;
}

nlohmann::ordered_json oriel::reportJson(const EvaluationRun &run) {
  const Evaluation &evaluation = run.evaluation;
  Shares shares = sharesOf(run);
  nlohmann::ordered_json json = {
      {"model", run.model},
      {"target", run.target},
      {"batch", run.batch},
      {"threads", run.threads},
      {"workers", run.workers},
      {"complete", run.done() == run.wanted},
      {"pictures", run.wanted},
      {"evaluated", evaluation.predictions().size()},
      {"top1", evaluation.topAccuracy(1)},
      {"top5", evaluation.topAccuracy(5)},
      {"images_per_s", run.imagesPerSecond()},
      {"seconds", run.seconds},
      {"time_share",
       {{"loading", shares.loading}, {"preprocessing", shares.transform}, {"model", shares.model}}},
      {"classes", nlohmann::ordered_json::array()},
      {"failed", nlohmann::ordered_json::array()},
  };
  for (int64_t label = 0; label < evaluation.classCount(); ++label) {
    int64_t pictures = evaluation.pictures(label), right = evaluation.confusion(label, label);
    nlohmann::ordered_json accuracy;
    if (pictures > 0) {
      accuracy = double(right) / double(pictures);
    }
    json["classes"].push_back({{"class", run.classNames[size_t(label)]},
                               {"pictures", pictures},
                               {"correct", right},
                               {"top1", accuracy}});
  }
  for (const FailedPicture &failure : evaluation.failures()) {
    json["failed"].push_back(
        {{"file", run.list.entries[failure.picture].path}, {"error", failure.error}});
  }
  return json;
}

std::string oriel::predictionsCsv(const EvaluationRun &run) {
  std::vector<std::pair<size_t, std::string>> lines;
  auto begin = [&](size_t picture, int64_t label) {
    return quoted(run.list.entries[picture].path) + "," + quoted(run.classNames[size_t(label)]);
  };
  for (const Prediction &prediction : run.evaluation.predictions()) {
    std::string line = begin(prediction.picture, prediction.label) + "," +
                       quoted(run.classNames[size_t(prediction.predicted)]) +
                       format(",%.6f,%ld,", prediction.probability, prediction.rank + 1);
    lines.emplace_back(prediction.picture, std::move(line));
  }
  for (const FailedPicture &failure : run.evaluation.failures()) {
    int64_t label = run.list.entries[failure.picture].label;
    lines.emplace_back(failure.picture,
                       begin(failure.picture, label) + ",,,," + quoted(failure.error));
  }
  std::sort(lines.begin(), lines.end());
  std::string text = "file,class,predicted,probability,rank,error\n";
  for (const auto &[picture, line] : lines) {
    text += line + "\n";
  }
  return text;
}
