#include "compiler/Tuning/TunedSchedules.h"

#include "tests/unit/compiler/Target/TestFolder.h"

#include "gmock/gmock.h"

using namespace oriel;
using namespace oriel::test;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

namespace {

class TunedSchedulesTest : public testing::Test {
protected:
  std::string write(const std::vector<std::string> &cpus) const {
    TuningTable table;
    for (const std::string &cpu : cpus) {
      table.set(cpu, "key", {"gemm", "x86-64-v3", {{"tile_rows", 4}}, 0.9});
    }
    return folder.write("table.json", table.print());
  }
  static std::string errorOf(const std::string &cpu, const std::string &path) {
    auto schedules = loadTunedSchedules(cpu, path);
    EXPECT_FALSE(static_cast<bool>(schedules));
    return schedules ? "" : toString(schedules.takeError());
  }
  static bool loads(const std::string &cpu, const std::string &path) {
    auto schedules = loadTunedSchedules(cpu, path);
    bool success = static_cast<bool>(schedules);
    llvm::consumeError(schedules.takeError());
    return success;
  }

  TestFolder folder;
};

TEST_F(TunedSchedulesTest, NeedTheProcessorWhereAFileHasSeveral) {
  EXPECT_TRUE(loads("", ""));
  EXPECT_TRUE(loads("", write({})));
  EXPECT_TRUE(loads("", write({"my-processor"})));
  EXPECT_TRUE(loads("my-processor", write({"my-processor", "other"})));
  EXPECT_THAT(errorOf("", write({"my-processor", "other"})),
              EndsWith("has schedules for my-processor, other: name one with --tune-for"));
}

TEST_F(TunedSchedulesTest, AreNoneForAnUnknownProcessor) {
  EXPECT_THAT(errorOf("i8086", write({"other"})),
              EndsWith("has no schedules for 'i8086', only for other: tune on that processor"));
  EXPECT_THAT(errorOf("i8086", ""), EndsWith("give the table with --tuning"));
}

TEST_F(TunedSchedulesTest, NameAFileThatIsNoTableInOneLine) {
  EXPECT_THAT(errorOf("", folder.file("none.json")), HasSubstr("none.json"));
  for (const char *text : {"", "garbage\n\n", "{}", R"({"version": 1, "cpus": []})"}) {
    EXPECT_THAT(errorOf("", folder.write("bad.json", text)),
                AllOf(HasSubstr("bad.json is not a tuning table: "), Not(HasSubstr("\n"))));
  }
}

} // namespace
