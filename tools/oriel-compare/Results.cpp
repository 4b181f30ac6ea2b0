//===- Results.cpp - A comparison as table and as JSON --------------------===//

#include "tools/oriel-compare/Results.h"

#include <algorithm>
#include <cmath>

using namespace oriel;

template <typename... Values>
static std::string format(const char *pattern, Values... values) {
  int length = snprintf(nullptr, 0, pattern, values...);
  std::string text(static_cast<size_t>(length) + 1, '\0');
  snprintf(text.data(), text.size(), pattern, values...);
  text.pop_back();
  return text;
}

std::string oriel::formatDimensions(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t extent : shape) {
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  }
  return text;
}

void TableWidths::include(const std::string &layer, const std::string &kernel,
                          const std::vector<int64_t> &shape) {
  auto widen = [](int &width, const std::string &text) {
    width = std::max(width, static_cast<int>(text.size()));
  };
  widen(layerWidth, layer);
  widen(kernelWidth, kernel);
  widen(shapeWidth, formatDimensions(shape));
}

std::string oriel::formatHeading(const TableWidths &widths) {
  return format("%-*s  %-*s  %-*s  %9s  %9s  %12s  %9s  %9s  %9s  %s\n", widths.layerWidth, "layer",
                widths.kernelWidth, "kernel", widths.shapeWidth, "shape", "max abs", "relative",
                "cosine", "bound", "of bound", "drift", "verdict");
}

std::string oriel::formatRow(const ComparisonRow &row, const TableWidths &widths) {
  const Difference &difference = row.difference;
  std::string drift = std::isnan(row.drift) ? "-" : format("%.2e", row.drift);
  return format("%-*s  %-*s  %-*s  %9.2e  %9.2e  %12.9f  %9.2e  %9.2g  %9s  %s\n",
                widths.layerWidth, row.layer.c_str(), widths.kernelWidth, row.kernel.c_str(),
                widths.shapeWidth, formatDimensions(row.shape).c_str(), difference.maxAbs,
                difference.relative, difference.cosine, difference.bound, difference.excess,
                drift.c_str(), getName(difference.verdict));
}

std::string oriel::describeBad(const ComparisonRow &row) {
  const Difference &difference = row.difference;
  std::string text = "layer '" + row.layer + "'";
  text += format(" is bad (launch_%d, kernel %s): element ", row.launch, row.kernel.c_str());
  text += row.position + format(" is %.9g, expected %.9g within %.2e", difference.actual,
                                difference.expected, difference.bound);
  return row.remark.empty() ? text : text + "; " + row.remark;
}

static nlohmann::ordered_json finiteOrNull(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

nlohmann::ordered_json oriel::toJson(const ComparisonRow &row) {
  const Difference &difference = row.difference;
  return {{"launch", row.launch},
          {"layer", row.layer},
          {"stored_layer", row.storedLayer},
          {"kernel", row.kernel},
          {"shape", row.shape},
          {"max_abs", finiteOrNull(difference.maxAbs)},
          {"relative", finiteOrNull(difference.relative)},
          {"cosine", finiteOrNull(difference.cosine)},
          {"bound", finiteOrNull(difference.bound)},
          {"of_bound", finiteOrNull(difference.excess)},
          {"drift", finiteOrNull(row.drift)},
          {"verdict", getName(difference.verdict)},
          {"position", row.position},
          {"actual", finiteOrNull(difference.actual)},
          {"expected", finiteOrNull(difference.expected)},
          {"remark", row.remark}};
}
