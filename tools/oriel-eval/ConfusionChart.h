// The confusion matrix as a picture.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_CONFUSIONCHART_H
#define ORIEL_TOOLS_ORIEL_EVAL_CONFUSIONCHART_H

#include "tools/oriel-eval/Evaluation.h"

#include <array>

namespace oriel {

using Color = std::array<uint8_t, 3>;

/// Filled rectangles and lines of text, in pixels from the top left.
struct Chart {
  struct Rectangle {
    int x, y, width, height;
    Color color;
  };
  enum class Align { Left, Centre, Right };
  /// A line of text. Its centre line goes through (x, y); there it begins, has its middle or ends.
  /// Upwards: turned by a quarter, so that it is read from below.
  struct Text {
    int x, y;
    Align align;
    bool isUpwards;
    Color color;
    std::string text;
  };

  int width = 0;
  int height = 0;
  std::vector<Rectangle> rectangles;
  std::vector<Text> texts;
};

/// A row for each class, a column for each prediction; a cell is the darker, the larger its share
/// of the row's pictures. Counts and names are left out where cells are too small for them.
Chart drawConfusion(const Evaluation &evaluation, const std::vector<std::string> &classNames);

std::string renderSvg(const Chart &chart);

/// A PNG file. Throws ToolError where the chart is too large.
std::string renderPng(const Chart &chart);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_CONFUSIONCHART_H
