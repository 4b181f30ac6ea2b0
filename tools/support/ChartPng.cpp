#include "tools/support/Chart.h"
#include "tools/support/Tool.h"

#include <algorithm>
#include <png.h>
#include <stb/stb_easy_font.h>

using namespace oriel;

namespace {

/// A corner of a quad of stb_easy_font.
struct Vertex {
  float x, y, z;
  uint8_t color[4];
};

class Canvas {
public:
  Canvas(int width, int height)
      : width(width), height(height), pixels(size_t(width) * size_t(height) * 3) {}

  void fill(int x, int y, int boxWidth, int boxHeight, const Color &color) {
    int left = std::max(x, 0), right = std::min(x + boxWidth, width);
    int bottom = std::min(y + boxHeight, height);
    for (int row = std::max(y, 0); row < bottom; ++row) {
      for (int column = left; column < right; ++column) {
        std::copy(color.begin(), color.end(),
                  pixels.begin() + (ptrdiff_t(row) * width + column) * 3);
      }
    }
  }

  void write(const Chart::Text &text) {
    std::string letters = text.text;
    // The font has ASCII only.
    std::replace_if(letters.begin(), letters.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    std::vector<Vertex> vertices(letters.size() * 64 + 4);
    int quads = stb_easy_font_print(0, 0, letters.data(), nullptr, vertices.data(),
                                    int(vertices.size() * sizeof(Vertex)));
    int length = stb_easy_font_width(letters.data());
    int begin = text.align == Chart::Align::Left     ? 0
                : text.align == Chart::Align::Centre ? -length / 2
                                                     : -length;
    for (int i = 0; i < quads; ++i) {
      const Vertex *corners = vertices.data() + ptrdiff_t(4) * i;
      // The capitals of the font lie between 0 and 7.
      int left = begin + int(corners[0].x), top = int(corners[0].y) - 4;
      int boxWidth = int(corners[2].x) - int(corners[0].x);
      int boxHeight = int(corners[2].y) - int(corners[0].y);
      if (text.isUpwards) {
        fill(text.x + top, text.y - left - boxWidth, boxHeight, boxWidth, text.color);
      } else {
        fill(text.x + left, text.y + top, boxWidth, boxHeight, text.color);
      }
    }
  }

  std::string encode() const {
    png_image image = {};
    image.version = PNG_IMAGE_VERSION;
    image.width = png_uint_32(width);
    image.height = png_uint_32(height);
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t size = 0;
    std::string file;
    for (bool isMeasured : {false, true}) {
      file.resize(size);
      if (png_image_write_to_memory(&image, isMeasured ? file.data() : nullptr, &size, 0,
                                    pixels.data(), 0, nullptr) == 0) {
        throw ToolError(std::string("cannot draw the chart: ") + image.message +
                        ": name a file that ends in .svg");
      }
    }
    file.resize(size);
    return file;
  }

private:
  int width;
  int height;
  /// [height][width][3].
  std::vector<uint8_t> pixels;
};

} // namespace

std::string oriel::renderPng(const Chart &chart) {
  Canvas canvas(chart.width, chart.height);
  for (const Chart::Rectangle &box : chart.rectangles) {
    canvas.fill(box.x, box.y, box.width, box.height, box.color);
  }
  for (const Chart::Text &text : chart.texts) {
    canvas.write(text);
  }
  return canvas.encode();
}
