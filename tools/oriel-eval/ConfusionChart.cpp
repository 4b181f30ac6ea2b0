#include "tools/oriel-eval/ConfusionChart.h"

#include <algorithm>

using namespace oriel;

namespace {

constexpr Color black = {0x20, 0x20, 0x20}, white = {0xff, 0xff, 0xff};
/// Of a cell that all pictures of its class are in: right, wrong.
constexpr Color rightColor = {0x0b, 0x5c, 0x2e}, wrongColor = {0xa0, 0x1c, 0x1c};
constexpr Color emptyColor = {0xf4, 0xf4, 0xf4};

constexpr int margin = 10, titleHeight = 30;
/// The pixels of a character, about, and the most of them that a name may have.
constexpr int characterWidth = 7, maxNameLength = 24;
/// A cell of at least this size has a name beside it, and one with room for its count shows that.
constexpr int minNamedCell = 12, minCountedCell = 26;

Color blend(const Color &from, const Color &to, double share) {
  Color color;
  for (size_t i = 0; i < 3; ++i) {
    color[i] = uint8_t(double(from[i]) + (double(to[i]) - double(from[i])) * share + 0.5);
  }
  return color;
}

/// `name`, cut to maxNameLength bytes, not within a character of UTF-8.
std::string shorten(const std::string &name) {
  if (name.size() <= size_t(maxNameLength)) {
    return name;
  }
  size_t length = maxNameLength - 2;
  while (length > 0 && (uint8_t(name[length]) & 0xc0) == 0x80) {
    --length;
  }
  return name.substr(0, length) + "..";
}

struct Layout {
  int cell;
  /// Top left of the matrix.
  int left;
  int top;
};

Layout arrange(int classes, const std::vector<std::string> &classNames) {
  int cell = std::clamp(960 / std::max(classes, 1), 1, 48);
  size_t longest = 0;
  for (const std::string &name : classNames) {
    longest = std::max(longest, shorten(name).size());
  }
  int names = cell >= minNamedCell ? int(longest) * characterWidth + 6 : 0;
  return {cell, margin + names, margin + titleHeight + names};
}

/// The cell of `count` of the `pictures` of a class.
void drawCell(Chart &chart, const Layout &layout, int label, int predicted, int64_t count,
              int64_t pictures) {
  double share = double(count) / double(pictures);
  int x = layout.left + predicted * layout.cell, y = layout.top + label * layout.cell;
  int gap = layout.cell >= minNamedCell ? 1 : 0;
  // The smallest share is still to be seen.
  Color color =
      blend(emptyColor, label == predicted ? rightColor : wrongColor, 0.15 + 0.85 * share);
  chart.rectangles.push_back({x, y, layout.cell - gap, layout.cell - gap, color});
  std::string text = std::to_string(count);
  if (layout.cell >= minCountedCell && int(text.size()) * characterWidth < layout.cell) {
    chart.texts.push_back({x + layout.cell / 2, y + layout.cell / 2, Chart::Align::Centre, false,
                           share > 0.4 ? white : black, text});
  }
}

} // namespace

Chart oriel::drawConfusion(const Evaluation &evaluation,
                           const std::vector<std::string> &classNames) {
  int classes = int(evaluation.classCount());
  Layout layout = arrange(classes, classNames);
  int size = classes * layout.cell;
  Chart chart = {std::max(layout.left + size + margin, 420), layout.top + size + margin, {}, {}};
  chart.rectangles.push_back({0, 0, chart.width, chart.height, white});
  chart.rectangles.push_back({layout.left, layout.top, size, size, emptyColor});
  char title[128];
  snprintf(title, sizeof title, "row: class, column: prediction; top-1 %.2f%% of %zu pictures",
           100 * evaluation.topAccuracy(1), evaluation.predictions().size());
  chart.texts.push_back(
      {margin, margin + titleHeight / 2, Chart::Align::Left, false, black, title});
  for (int label = 0; label < classes; ++label) {
    int middle = label * layout.cell + layout.cell / 2;
    if (layout.cell >= minNamedCell) {
      std::string name = shorten(classNames[size_t(label)]);
      chart.texts.push_back(
          {layout.left - 4, layout.top + middle, Chart::Align::Right, false, black, name});
      chart.texts.push_back(
          {layout.left + middle, layout.top - 4, Chart::Align::Left, true, black, name});
    }
    int64_t pictures = evaluation.pictures(label);
    for (auto [predicted, count] : evaluation.predicted(label)) {
      drawCell(chart, layout, label, int(predicted), count, pictures);
    }
  }
  return chart;
}
