#include "tools/oriel-eval/Progress.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace oriel;

namespace {

TEST(Progress, SaysHowFarHowFastAndHowLongToGo) {
  EXPECT_EQ(progressText(25, 100, 2.0, 8, "top-1 80.0%"),
            "[##------]  25/100  12.5 images/s  0:06 left  top-1 80.0%");
  EXPECT_EQ(progressText(10, 10000, 1.0, 0, ""), "10/10000  10.0 images/s  16:39 left");
  EXPECT_EQ(progressText(100, 100, 2.0, 4, ""), "[####]  100/100  50.0 images/s");
  EXPECT_EQ(progressText(0, 100, 0.0, 4, ""), "[----]  0/100  0.0 images/s");
  EXPECT_EQ(progressText(0, 0, 0.0, 4, ""), "[####]  0/0  0.0 images/s");
}

TEST(Progress, IsALineForEachTenthOutsideOfATerminal) {
  testing::internal::CaptureStderr();
  {
    Progress progress(40);
    for (size_t done = 0; done <= 40; ++done) {
      progress.update(done, "note");
    }
  }
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_EQ(text.substr(0, 4), "4/40");
  EXPECT_NE(text.find("\n40/40"), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

} // namespace
