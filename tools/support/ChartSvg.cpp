#include "tools/support/Chart.h"

using namespace oriel;

static std::string toHex(const Color &color) {
  char text[8];
  snprintf(text, sizeof text, "#%02x%02x%02x", color[0], color[1], color[2]);
  return text;
}

static std::string escapeXml(const std::string &text) {
  std::string result;
  for (char c : text) {
    switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    default:
      // XML has no control characters.
      result += uint8_t(c) < 0x20 ? '?' : c;
    }
  }
  return result;
}

std::string oriel::renderSvg(const Chart &chart) {
  char line[256];
  snprintf(line, sizeof line,
           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
           "font-family=\"monospace\" font-size=\"11\">\n",
           chart.width, chart.height);
  std::string svg = line;
  for (const Chart::Rectangle &box : chart.rectangles) {
    snprintf(line, sizeof line,
             "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", box.x, box.y,
             box.width, box.height, toHex(box.color).c_str());
    svg += line;
  }
  for (const Chart::Text &text : chart.texts) {
    const char *anchor = text.align == Chart::Align::Left     ? "start"
                         : text.align == Chart::Align::Centre ? "middle"
                                                              : "end";
    snprintf(line, sizeof line,
             "<text transform=\"translate(%d %d)%s\" text-anchor=\"%s\" dy=\"0.35em\" fill=\"%s\">",
             text.x, text.y, text.isUpwards ? " rotate(-90)" : "", anchor,
             toHex(text.color).c_str());
    svg += line + escapeXml(text.text) + "</text>\n";
  }
  return svg + "</svg>\n";
}
