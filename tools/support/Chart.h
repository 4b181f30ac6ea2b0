// Pictures of rectangles and text, as SVG and PNG.

#ifndef ORIEL_TOOLS_SUPPORT_CHART_H
#define ORIEL_TOOLS_SUPPORT_CHART_H

#include <array>
#include <cstdint>
#include <string>
#include <vector>

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

std::string renderSvg(const Chart &chart);

/// A PNG file. Throws ToolError where the chart is too large.
std::string renderPng(const Chart &chart);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_CHART_H
