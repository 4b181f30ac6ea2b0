//===- ErrorChart.cpp - The layers' errors as a picture -------------------===//

#include "tools/oriel-compare/ErrorChart.h"

#include <algorithm>
#include <cmath>

using namespace oriel;

namespace {

constexpr Color black = {0x20, 0x20, 0x20}, grey = {0xdd, 0xdd, 0xdd}, white = {0xff, 0xff, 0xff};
constexpr Color good = {0x2b, 0x6c, 0xb0}, bad = {0xc0, 0x1c, 0x28}, tick = {0xe0, 0x8a, 0x00};
constexpr int margin = 10, titleHeight = 30, axisWidth = 60, rowWidth = 12, barWidth = 8;
/// Pixels of a factor of ten, and of a character.
constexpr int decade = 20, characterWidth = 7;

/// A logarithmic axis with powers of ten from 10^low to 10^high, its zero at the bottom.
struct Panel {
  int top, low, high;

  int height() const { return (high - low) * decade; }
  int bottom() const { return top + height(); }
  /// Pixels from the bottom; the full height for what is not finite.
  int heightOf(double value) const {
    if (!std::isfinite(value)) {
      return height();
    }
    double decades = value > 0 ? std::log10(value) - low : 0;
    return std::clamp(int(decades * decade + 0.5), 0, height());
  }
};

void drawAxis(Chart &chart, const Panel &panel, int width, const std::string &name) {
  chart.texts.push_back({axisWidth, panel.top - 8, Chart::Align::Left, false, black, name});
  for (int power = panel.low; power <= panel.high; ++power) {
    int y = panel.bottom() - (power - panel.low) * decade;
    chart.rectangles.push_back({axisWidth, y, width, 1, power == 0 ? black : grey});
    chart.texts.push_back(
        {axisWidth - 4, y, Chart::Align::Right, false, black, "1e" + std::to_string(power)});
  }
}

} // namespace

Chart oriel::drawErrors(const std::vector<ComparisonRow> &rows, const std::string &title) {
  size_t longest = 0;
  for (const ComparisonRow &row : rows) {
    longest = std::max(longest, row.layer.size());
  }
  int width = int(rows.size()) * rowWidth;
  Panel relative = {margin + titleHeight + 16, -9, 1};
  Panel ofBound = {relative.bottom() + 32, -5, 3};
  int namesTop = ofBound.bottom() + 6;
  Chart chart;
  chart.width = std::max(axisWidth + width, int(title.size()) * characterWidth) + 2 * margin;
  chart.height = namesTop + int(longest) * characterWidth + margin;
  chart.rectangles.push_back({0, 0, chart.width, chart.height, white});
  chart.texts.push_back(
      {margin, margin + titleHeight / 2, Chart::Align::Left, false, black, title});
  drawAxis(chart, relative, width, "relative error (bar), drift of the whole run (tick)");
  drawAxis(chart, ofBound, width, "largest error / its bound");
  for (size_t i = 0; i < rows.size(); ++i) {
    const ComparisonRow &row = rows[i];
    int x = axisWidth + int(i) * rowWidth + (rowWidth - barWidth) / 2;
    Color color = row.difference.verdict == Verdict::Bad ? bad : good;
    for (auto [panel, value] : {std::pair(&relative, row.difference.relative),
                                std::pair(&ofBound, row.difference.excess)}) {
      int height = panel->heightOf(value);
      chart.rectangles.push_back({x, panel->bottom() - height, barWidth, height, color});
    }
    if (!std::isnan(row.drift)) {
      int height = relative.heightOf(row.drift);
      chart.rectangles.push_back({x, relative.bottom() - height - 1, barWidth, 2, tick});
    }
    chart.texts.push_back(
        {x + barWidth / 2, namesTop, Chart::Align::Right, true, color, row.layer});
  }
  return chart;
}
