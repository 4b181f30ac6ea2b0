//===- ErrorChart.h - The layers' errors as a picture ---------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_ERRORCHART_H
#define ORIEL_TOOLS_ORIEL_COMPARE_ERRORCHART_H

#include "tools/oriel-compare/Comparison.h"
#include "tools/support/Chart.h"

namespace oriel {

/// A bar for each row, on logarithmic scales: above the relative error, with a tick at the drift;
/// below the largest error as a share of its bound, with a line at 1. Bad rows are red. An error of
/// 0 has no bar, one that is not finite a full one.
Chart drawErrors(const std::vector<ComparisonRow> &rows, const std::string &title);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_ERRORCHART_H
