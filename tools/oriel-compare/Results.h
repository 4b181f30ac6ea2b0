//===- Results.h - A comparison as table and as JSON ----------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_RESULTS_H
#define ORIEL_TOOLS_ORIEL_COMPARE_RESULTS_H

#include "tools/oriel-compare/Comparison.h"

#include <nlohmann/json.hpp>

namespace oriel {

/// The widths of the columns of names.
struct TableWidths {
  int layerWidth = 5, kernelWidth = 6, shapeWidth = 5;

  void include(const std::string &layer, const std::string &kernel,
               const std::vector<int64_t> &shape);
};

/// "1x32x32x48".
std::string formatDimensions(const std::vector<int64_t> &shape);

/// One line each, with a line break.
std::string formatHeading(const TableWidths &widths);
std::string formatRow(const ComparisonRow &row, const TableWidths &widths);

/// A bad row in words: layer, kernel, position, values and bound.
std::string describeBad(const ComparisonRow &row);

/// Numbers that are not finite become null (docs/compare.md).
nlohmann::ordered_json toJson(const ComparisonRow &row);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_RESULTS_H
