#include "compiler/Tuning/TuningLog.h"

#include "tests/unit/compiler/Target/TestFolder.h"

#include "gmock/gmock.h"

#include <limits>

using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;

namespace {

class TuningLogTest : public testing::Test {
protected:
  std::unique_ptr<TuningLog> open(llvm::StringRef subject = "compiler") {
    auto log = TuningLog::open(folder.file("log"), subject);
    EXPECT_TRUE(static_cast<bool>(log)) << toString(log.takeError());
    return std::move(*log);
  }

  const ScheduleParameters parameters{{{"rows", 4}}, {}}, drawn{{}, 7};
  const MeasuredSchedule measured{
      {{makeScheduleChoice(parameters, "rows", 6, {2, 4, 6})}, 0.75}, 0.125, ""};
  TestFolder folder;
};

TEST_F(TuningLogTest, KnowsWhatAnEarlierRunTried) {
  open()->append("key", parameters, measured);
  auto log = open();
  const MeasuredSchedule *known = log->lookup("key", parameters);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->trial.relativeTime, 0.75);
  EXPECT_EQ(known->seconds, 0.125);
  ASSERT_EQ(known->trial.choices.size(), 1u);
  EXPECT_EQ(known->trial.choices[0].chosen, 4);
  EXPECT_EQ(known->trial.choices[0].preferred, 6);
  EXPECT_THAT(known->trial.choices[0].accepted, testing::ElementsAre(2, 4, 6));
  EXPECT_EQ(log->lookup("key", drawn), nullptr);
  EXPECT_EQ(log->lookup("key", {}), nullptr);
  EXPECT_EQ(log->lookup("other", parameters), nullptr);
}

TEST_F(TuningLogTest, KnowsWhatFailed) {
  MeasuredSchedule failed{{{}, std::numeric_limits<double>::infinity()}, 0, "it crashed"};
  open()->append("key", drawn, failed);
  auto log = open();
  const MeasuredSchedule *known = log->lookup("key", drawn);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->error, "it crashed");
  EXPECT_EQ(known->trial.relativeTime, std::numeric_limits<double>::infinity());
}

TEST_F(TuningLogTest, LeavesOutALineThatWasCutOffAndGoesOnBehindTheOthers) {
  open()->append("key", parameters, measured);
  open()->append("key", drawn, measured);
  std::string text = folder.read("log");
  folder.write("log", text.substr(0, text.size() - 5));
  auto log = open();
  EXPECT_NE(log->lookup("key", parameters), nullptr);
  EXPECT_EQ(log->lookup("key", drawn), nullptr);
  log->append("key", drawn, measured);
  EXPECT_EQ(folder.read("log"), text);
}

TEST_F(TuningLogTest, BeginsAnewForAnotherCompiler) {
  open()->append("key", parameters, measured);
  EXPECT_EQ(open("another compiler")->lookup("key", parameters), nullptr);
  EXPECT_EQ(open("compiler")->lookup("key", parameters), nullptr);
}

TEST_F(TuningLogTest, SaysWhereItCannotBeWritten) {
  auto log = TuningLog::open(folder.file("none/log"), "compiler");
  ASSERT_FALSE(static_cast<bool>(log));
  EXPECT_THAT(toString(log.takeError()), HasSubstr("cannot write '"));
}

} // namespace
