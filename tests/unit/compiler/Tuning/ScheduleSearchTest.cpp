#include "compiler/Tuning/ScheduleSearch.h"

#include "gmock/gmock.h"

#include <cmath>
#include <limits>

using namespace oriel;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

namespace {

/// Schedules of two sizes whose times are known, and the trials that were made of them.
class Schedules {
public:
  using TimeOf = std::function<double(int64_t rows, int64_t columns)>;

  explicit Schedules(TimeOf timeOf) : timeOf(std::move(timeOf)) {}

  /// Fails after `budget` trials that were not made before.
  TrySchedule within(int budget) {
    return [this, left = budget](
               const ScheduleParameters &parameters) mutable -> std::optional<ScheduleTrial> {
      std::string name = describe(parameters);
      if (!trials.count(name)) {
        if (left-- == 0) {
          return std::nullopt;
        }
        trials[name] = measure(parameters);
      }
      return trials.at(name);
    };
  }

  std::map<std::string, ScheduleTrial> trials;

private:
  ScheduleTrial measure(const ScheduleParameters &parameters) const {
    std::vector<int64_t> rows;
    for (int64_t value = 1; value <= 14; ++value) {
      rows.push_back(value);
    }
    ScheduleChoice row = makeScheduleChoice(parameters, "rows", 6, rows);
    ScheduleChoice column = makeScheduleChoice(parameters, "columns", 16, {16, 32, 48, 64});
    return {{row, column}, timeOf(row.chosen, column.chosen) / timeOf(6, 16)};
  }

  TimeOf timeOf;
};

TEST(ScheduleSearch, FindsTheFastestOfSchedulesThatLieInAValley) {
  Schedules schedules([](int64_t rows, int64_t columns) {
    return 100 + 5 * std::pow(rows - 11, 2) + std::pow((columns - 48) / 16.0, 2) * 10;
  });
  SearchResult result = searchSchedule(schedules.within(1000));
  EXPECT_TRUE(result.isComplete);
  EXPECT_THAT(result.values, UnorderedElementsAre(Pair("rows", 11), Pair("columns", 48)));
  EXPECT_DOUBLE_EQ(result.relativeTime, 100.0 / (100 + 125 + 40));
}

TEST(ScheduleSearch, KeepsTheCostModelsScheduleWhereOthersGainTooLittle) {
  for (double time : {0.99, 0.96}) {
    Schedules schedules([=](int64_t rows, int64_t) { return rows == 7 ? time : 1.0; });
    SearchResult result = searchSchedule(schedules.within(1000));
    EXPECT_TRUE(result.isComplete);
    EXPECT_THAT(result.values, IsEmpty());
    EXPECT_EQ(result.relativeTime, 1);
  }
}

TEST(ScheduleSearch, LeavesSchedulesThatFail) {
  Schedules schedules([](int64_t rows, int64_t columns) {
    return columns == 32 ? std::numeric_limits<double>::infinity() : 20.0 - double(rows);
  });
  SearchResult result = searchSchedule(schedules.within(1000));
  EXPECT_EQ(result.values.at("rows"), 14);
  EXPECT_NE(result.values.at("columns"), 32);
}

TEST(ScheduleSearch, EndsAtOnceWhereThereIsNothingToChoose) {
  int count = 0;
  SearchResult result = searchSchedule([&](const ScheduleParameters &) {
    ++count;
    return std::optional(ScheduleTrial{{makeScheduleChoice({}, "rows", 6, {6})}, 1});
  });
  EXPECT_EQ(count, 1);
  EXPECT_TRUE(result.isComplete);
}

TEST(ScheduleSearch, GoesOnWhereItEndedForWantOfTime) {
  auto timeOf = [](int64_t rows, int64_t columns) {
    return 10 + std::abs(double(rows) - 3) + double(columns % 48) / 16;
  };
  Schedules whole(timeOf), interrupted(timeOf);
  SearchResult wanted = searchSchedule(whole.within(1000));
  ASSERT_TRUE(wanted.isComplete);
  SearchResult result;
  for (int run = 0; !result.isComplete; ++run) {
    ASSERT_LT(run, 100);
    double before = result.relativeTime;
    result = searchSchedule(interrupted.within(3));
    EXPECT_LE(result.relativeTime, before);
  }
  EXPECT_EQ(result.values, wanted.values);
  EXPECT_EQ(interrupted.trials.size(), whole.trials.size()) << "a trial was made twice, or not";
}

} // namespace
