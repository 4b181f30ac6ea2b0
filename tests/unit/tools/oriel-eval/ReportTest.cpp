#include "tools/oriel-eval/Report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace oriel;
using testing::HasSubstr;

namespace {

/// Three of four pictures done, one of them damaged.
EvaluationRun exampleRun() {
  EvaluationRun run = {
      .model = "m",
      .target = "t",
      .batch = 2,
      .threads = 1,
      .workers = 3,
      .classNames = {"ant", "bee, queen", "cow"},
      .list = {{}, {{"x.png", 0}, {"say \"y\".png", 1}, {"z.png", 1}, {"w.png", 2}}},
      .wanted = 4,
      .evaluation = Evaluation(3),
      .seconds = 1.5,
      .loadingSeconds = 1,
      .transformSeconds = 1,
      .modelSeconds = 2,
  };
  run.evaluation.addFailure(2, "z is, damaged");
  run.evaluation.add({1, 1, 0, 0.5, 1});
  run.evaluation.add({0, 0, 0, 0.25, 0});
  return run;
}

TEST(Report, PredictionsAreALineForEachPictureInTheirOrder) {
  EXPECT_EQ(predictionsCsv(exampleRun()), "file,class,predicted,probability,rank,error\n"
                                          "x.png,ant,ant,0.250000,1,\n"
                                          "\"say \"\"y\"\".png\",\"bee, queen\",ant,0.500000,2,\n"
                                          "z.png,\"bee, queen\",,,,\"z is, damaged\"\n");
}

TEST(Report, JsonHoldsFractionsAndSaysThatItIsPartial) {
  nlohmann::ordered_json json = reportJson(exampleRun());
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["pictures"], 4);
  EXPECT_EQ(json["evaluated"], 2);
  EXPECT_EQ(json["top1"], 0.5);
  EXPECT_EQ(json["top5"], 1.0);
  EXPECT_EQ(json["images_per_s"], 2.0);
  EXPECT_EQ(json["time_share"]["model"], 0.5);
  EXPECT_EQ(json["classes"][1]["class"], "bee, queen");
  EXPECT_EQ(json["classes"][1]["top1"], 0.0);
  EXPECT_TRUE(json["classes"][2]["top1"].is_null());
  EXPECT_EQ(json["failed"][0]["file"], "z.png");
}

TEST(Report, TextNamesWhatAClassIsTakenForAndWhatFailed) {
  std::string text = reportText(exampleRun());
  EXPECT_THAT(text, HasSubstr("bee, queen         1    0.0%  ant (1)\n"));
  EXPECT_THAT(text, HasSubstr("top-1 50.00%, top-5 100.00% of 2 pictures\n"));
  EXPECT_THAT(text, HasSubstr("loading 25.0%, preprocessing 25.0%, model 50.0%\n"));
  EXPECT_THAT(text, HasSubstr("failed: z is, damaged\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("cow")));
}

} // namespace
