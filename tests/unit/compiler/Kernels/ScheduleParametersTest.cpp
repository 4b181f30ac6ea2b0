#include "compiler/Kernels/ScheduleParameters.h"

#include "gmock/gmock.h"

using namespace oriel;
using testing::ElementsAre;
using testing::SizeIs;

namespace {

ScheduleParameters given(std::map<std::string, int64_t> values) { return {std::move(values), {}}; }

TEST(ScheduleParameters, AreTakenWhereTheScheduleAcceptsThem) {
  EXPECT_EQ(makeScheduleChoice(given({{"rows", 4}}), "rows", 6, {1, 2, 4, 6}).chosen, 4);
  EXPECT_EQ(makeScheduleChoice(given({{"rows", 5}}), "rows", 6, {1, 2, 4, 6}).chosen, 6);
  EXPECT_EQ(makeScheduleChoice(given({{"columns", 4}}), "rows", 6, {1, 2, 4, 6}).chosen, 6);
  EXPECT_EQ(makeScheduleChoice({}, "rows", 6, {1, 2, 4, 6}).chosen, 6);
}

TEST(ScheduleParameters, AlwaysAcceptWhatTheCostModelPrefers) {
  ScheduleChoice choice = makeScheduleChoice({}, "rows", 3, {8, 2, 2});
  EXPECT_EQ(choice.chosen, 3);
  EXPECT_THAT(choice.accepted, ElementsAre(2, 3, 8));
}

TEST(ScheduleParameters, AreDrawnByTheSeedFromAllThatIsAccepted) {
  std::map<int64_t, int> counts;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    ScheduleParameters parameters{{}, seed};
    int64_t drawn = makeScheduleChoice(parameters, "rows", 1, {1, 2, 3, 4}).chosen;
    EXPECT_EQ(makeScheduleChoice(parameters, "rows", 1, {1, 2, 3, 4}).chosen, drawn);
    ++counts[drawn];
  }
  EXPECT_THAT(counts, SizeIs(4));
  for (auto [value, count] : counts) {
    EXPECT_GT(count, 60) << value;
  }
  // What is given goes before what is drawn.
  EXPECT_EQ(makeScheduleChoice({{{"rows", 2}}, 7}, "rows", 1, {1, 2, 3, 4}).chosen, 2);
}

TEST(ScheduleParameters, ThatNoChoiceTookAreNamed) {
  ScheduleParameters parameters = given({{"rows", 4}, {"columns", 3}, {"depth", 2}});
  std::vector<ScheduleChoice> choices = {makeScheduleChoice(parameters, "rows", 6, {4}),
                                         makeScheduleChoice(parameters, "columns", 1, {1, 2})};
  EXPECT_EQ(describeIgnored(parameters, choices), "columns=3, depth=2");
  EXPECT_EQ(describe(parameters), "columns=3, depth=2, rows=4");
}

TEST(DivisorsOf, AreInOrder) {
  EXPECT_THAT(divisorsOf(12), ElementsAre(1, 2, 3, 4, 6, 12));
  EXPECT_THAT(divisorsOf(1), ElementsAre(1));
}

} // namespace
