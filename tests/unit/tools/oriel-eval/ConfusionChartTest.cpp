#include "tools/oriel-eval/ConfusionChart.h"

#include "oriel/data/Image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace oriel;
using testing::HasSubstr;

namespace {

Evaluation exampleEvaluation(int64_t classes) {
  Evaluation evaluation(classes);
  for (int i = 0; i < 37; ++i) {
    evaluation.add({0, 0, 0, 1, 0});
  }
  evaluation.add({0, 1, 0, 1, 1});
  return evaluation;
}

std::vector<std::string> names(size_t count) {
  std::vector<std::string> result = {"a<b&c", "a very long name of a\xc3\xa4 class"};
  while (result.size() < count) {
    result.push_back("class " + std::to_string(result.size()));
  }
  return result;
}

TEST(ConfusionChart, SvgShowsNamesAndCounts) {
  std::string svg = renderSvg(drawConfusion(exampleEvaluation(3), names(3)));
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns"));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr(">37</text>"));
  EXPECT_THAT(svg, HasSubstr(">a&lt;b&amp;c</text>"));
  EXPECT_THAT(svg, HasSubstr(">a very long name of a..</text>"));
  EXPECT_THAT(svg, HasSubstr("top-1 97.37% of 38 pictures"));
}

/// The colour at the middle of a cell's upper edge, below the line that parts cells.
std::array<uint8_t, 3> colorAt(const data::Image &image, int x, int y) {
  const uint8_t *pixel = image.pixels.data() + (ptrdiff_t(y) * image.width + x) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(ConfusionChart, PngHasTheRectanglesOfTheChart) {
  for (int64_t classes : {2, 100, 1000}) {
    Chart chart = drawConfusion(exampleEvaluation(classes), names(size_t(classes)));
    data::Image image = data::decodeImage(renderPng(chart));
    EXPECT_EQ(image.width, chart.width);
    EXPECT_EQ(image.height, chart.height);
    // The cell [0][0] is full, [1][0] too, and [0][1] is not drawn.
    ASSERT_EQ(chart.rectangles.size(), 4u);
    for (size_t i : {2, 3}) {
      const Chart::Rectangle &cell = chart.rectangles[i];
      EXPECT_EQ(colorAt(image, cell.x, cell.y), cell.color);
    }
    EXPECT_NE(chart.rectangles[2].color, chart.rectangles[3].color);
    EXPECT_EQ(chart.rectangles[3].y - chart.rectangles[2].y, std::clamp<int>(960 / classes, 1, 48));
  }
}

TEST(ConfusionChart, DrawsTextInBothDirectionsWithinItsLine) {
  for (bool isUpwards : {false, true}) {
    Chart chart = {60, 60, {{0, 0, 60, 60, {255, 255, 255}}}, {}};
    chart.texts.push_back({30, 30, Chart::Align::Centre, isUpwards, {0, 0, 0}, "HHHHH"});
    data::Image image = data::decodeImage(renderPng(chart));
    int left = 60, right = 0, top = 60, bottom = 0;
    for (int y = 0; y < 60; ++y) {
      for (int x = 0; x < 60; ++x) {
        if (colorAt(image, x, y)[0] == 0) {
          left = std::min(left, x);
          right = std::max(right, x);
          top = std::min(top, y);
          bottom = std::max(bottom, y);
        }
      }
    }
    int length = isUpwards ? bottom - top : right - left;
    int height = isUpwards ? right - left : bottom - top;
    EXPECT_GT(length, 20);
    EXPECT_LT(length, 40);
    EXPECT_GT(height, 4);
    EXPECT_LT(height, 12);
    EXPECT_NEAR((left + right) / 2, 30, 3);
    EXPECT_NEAR((top + bottom) / 2, 30, 3);
  }
}

} // namespace
