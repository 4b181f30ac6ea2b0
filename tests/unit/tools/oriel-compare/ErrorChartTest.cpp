//===- ErrorChartTest.cpp -------------------------------------------------===//

#include "tools/oriel-compare/ErrorChart.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <limits>

using namespace oriel;

static ComparisonRow makeRow(const std::string &layer, double relative, double excess) {
  ComparisonRow row;
  row.layer = layer;
  row.difference.relative = relative;
  row.difference.excess = excess;
  row.difference.verdict = excess > 1 ? Verdict::Bad : Verdict::Good;
  return row;
}

/// Heights of a chart's bars in the order of rows, for each that of the relative error first.
static std::vector<int> barHeights(const Chart &chart) {
  std::vector<int> heights;
  for (const Chart::Rectangle &box : chart.rectangles) {
    if (box.width == 8) {
      heights.push_back(box.height);
    }
  }
  return heights;
}

TEST(ErrorChart, BarsGrowByTheLogarithm) {
  Chart chart = drawErrors({makeRow("a", 1e-8, 1e-4), makeRow("b", 1e-7, 1e-2)}, "title");
  std::vector<int> heights = barHeights(chart);
  ASSERT_EQ(heights.size(), 4U);
  int decade = heights[2] - heights[0];
  EXPECT_GT(decade, 0);
  EXPECT_EQ(heights[3] - heights[1], 2 * decade);
}

TEST(ErrorChart, NoErrorHasNoBarAndOneThatIsNotFiniteAFullOne) {
  double infinite = std::numeric_limits<double>::infinity();
  Chart chart = drawErrors({makeRow("none", 0, 0), makeRow("huge", 1e30, 1e30),
                            makeRow("nan", std::numeric_limits<double>::quiet_NaN(), infinite)},
                           "title");
  std::vector<int> heights = barHeights(chart);
  ASSERT_EQ(heights.size(), 6U);
  EXPECT_EQ(heights[0], 0);
  EXPECT_EQ(heights[1], 0);
  EXPECT_EQ(heights[2], heights[4]);
  EXPECT_EQ(heights[3], heights[5]);
}

TEST(ErrorChart, NamesBadLayersInTheirBarsColour) {
  Chart chart = drawErrors({makeRow("good", 1e-7, 0.5), makeRow("bad", 1, 2)}, "title");
  auto colourOf = [&](const std::string &name) {
    return llvm::find_if(chart.texts, [&](const auto &text) { return text.text == name; })->color;
  };
  EXPECT_NE(colourOf("good"), colourOf("bad"));
  auto isRed = [&](const Chart::Rectangle &box) { return box.color == colourOf("bad"); };
  EXPECT_EQ(std::count_if(chart.rectangles.begin(), chart.rectangles.end(), isRed), 2);
}

TEST(ErrorChart, LiesWithinItsPicture) {
  Chart chart = drawErrors({makeRow("layers.0.blocks.1.attn", 1e-3, 7)}, "a title of some length");
  for (const Chart::Rectangle &box : chart.rectangles) {
    EXPECT_TRUE(box.x >= 0 && box.y >= 0 && box.x + box.width <= chart.width &&
                box.y + box.height <= chart.height);
  }
}
