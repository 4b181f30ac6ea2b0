//===- WeightsTest.cpp - Binding of files and random parameters -----------===//

#include "frontend/Weights.h"

#include "frontend/RandomParameters.h"
#include "tests/unit/frontend/SafetensorsText.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace oriel;

namespace {

/// A file with zeros of type `dtype` (4 bytes, but I64 with 8) for each parameter.
std::string fileWith(const std::vector<ParameterShape> &tensors, const std::string &dtype = "F32") {
  std::string json = "{";
  size_t position = 0;
  for (const ParameterShape &tensor : tensors) {
    size_t size = dtype == "I64" ? 8 : 4;
    std::string shape;
    for (int64_t extent : tensor.shape) {
      size *= static_cast<size_t>(extent);
      shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    }
    json += (json.size() > 1 ? ",\"" : "\"") + tensor.name + R"(":{"dtype":")" + dtype +
            R"(","shape":[)" + shape + R"(],"data_offsets":[)" + std::to_string(position) + "," +
            std::to_string(position + size) + "]}";
    position += size;
  }
  return safetensors(json + "}", std::string(position, '\0'));
}

BindingReport bindTo(const std::vector<ParameterShape> &parameters, const std::string &content) {
  TemporaryFile file(content);
  BindingReport report = llvm::cantFail(openWeights(file.getPath(), parameters)).binding;
  EXPECT_EQ(report.path, file.getPath());
  report.path = "F";
  return report;
}

std::vector<float> draw(uint64_t seed, const ParameterShape &parameter,
                        std::vector<ParameterShape> others = {}) {
  others.push_back(parameter);
  RandomParameters source(seed, others);
  int64_t count = 1;
  for (int64_t size : parameter.shape) {
    count *= size;
  }
  std::vector<float> values(static_cast<size_t>(count));
  llvm::cantFail(source.read(parameter.name, values.data()));
  return values;
}

double meanOf(const std::vector<float> &values) {
  double sum = 0;
  for (float value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

double deviationOf(const std::vector<float> &values) {
  double sum = 0, mean = meanOf(values);
  for (float value : values) {
    sum += (value - mean) * (value - mean);
  }
  return std::sqrt(sum / static_cast<double>(values.size()));
}

} // namespace

TEST(WeightsTest, AFileWithTheModelsParametersBinds) {
  std::vector<ParameterShape> parameters = {{"fc.weight", {2, 3}}, {"fc.bias", {2}}};
  BindingReport report = bindTo(parameters, fileWith({{"fc.bias", {2}}, {"fc.weight", {2, 3}}}));
  EXPECT_EQ(report.formatError(), std::nullopt);
  EXPECT_EQ(report.formatWarning(), std::nullopt);
}

TEST(WeightsTest, TheErrorCountsAllAndShowsThreeMismatches) {
  std::vector<ParameterShape> parameters = {
      {"a", {1}}, {"b", {2, 3}}, {"c", {3}}, {"d", {}}, {"e", {5}}};
  BindingReport report = bindTo(parameters, fileWith({{"a", {1}}, {"b", {3, 2}}, {"x", {7}}}));
  EXPECT_EQ(report.formatError(),
            "F: 4 missing or misshapen parameters: b is 3x2, expected 2x3; c is missing, expected "
            "3; d is missing, expected scalar; and 1 more (--report lists all)");
  ASSERT_EQ(report.errors.size(), 4u);
  EXPECT_EQ(report.errors[3].describe(), "e is missing, expected 5");
  // x is unexpected, but there are errors.
  EXPECT_EQ(report.unexpected.size(), 1u);
  EXPECT_EQ(report.formatWarning(), std::nullopt);
}

TEST(WeightsTest, OneMismatchIsInTheSingular) {
  EXPECT_EQ(bindTo({{"a", {1}}}, fileWith({})).formatError(),
            "F: 1 missing or misshapen parameter: a is missing, expected 1");
}

TEST(WeightsTest, AParameterOfATypeThatCannotBeReadIsAMismatch) {
  EXPECT_EQ(bindTo({{"a", {2}}}, fileWith({{"a", {2}}}, "I64")).formatError(),
            "F: 1 missing or misshapen parameter: a is I64 2, expected F32, F16 or BF16 2");
}

TEST(WeightsTest, UnexpectedTensorsAreAWarning) {
  BindingReport report = bindTo(
      {{"a", {1}}}, fileWith({{"a", {1}}, {"z", {1}}, {"d", {2, 2}}, {"c", {3}}, {"b", {}}}));
  EXPECT_EQ(report.formatError(), std::nullopt);
  EXPECT_EQ(report.formatWarning(),
            "F: 4 unexpected tensors: b is scalar, the model has none; c is 3, the model has none; "
            "d is 2x2, the model has none; and 1 more (--report lists all)");
}

TEST(WeightsTest, NamesInMessagesStayOnOneLine) {
  EXPECT_EQ(bindTo({}, fileWith({{R"(a\nb)", {1}}})).formatWarning(),
            R"(F: 1 unexpected tensor: a\0Ab is 1, the model has none)");
}

TEST(WeightsTest, DerivedBuffersAreIgnoredWhateverTheirType) {
  for (const char *dtype : {"I64", "F32"}) {
    BindingReport report = bindTo({}, fileWith({{"stem.bn.num_batches_tracked", {}},
                                                {"attn.relative_position_index", {49, 49}},
                                                {"attn.relative_coords_table", {1, 13, 13, 2}},
                                                {"attn_mask", {64, 49, 49}}},
                                               dtype));
    EXPECT_TRUE(report.unexpected.empty()) << dtype;
  }
  EXPECT_EQ(bindTo({}, fileWith({{"my_attn_mask", {1}}})).unexpected.size(), 1u);
}

TEST(WeightsTest, ASeedThatIsNotAWholeNumberIsAnError) {
  for (const char *seed : {"", "x", "-1", "1.5", "+1", " 1", "18446744073709551616"}) {
    std::string specification = std::string("random:") + seed;
    EXPECT_EQ(toString(openWeights(specification, {}).takeError()),
              "--weights " + specification + ": SEED must be a whole number from 0 to 2^64 - 1");
  }
  EXPECT_TRUE(static_cast<bool>(openWeights("random:18446744073709551615", {})));
}

// Computed from the definitions of SplitMix64 and FNV-1a by a program of its own.
TEST(RandomParametersTest, ValuesAreTheSameOnEveryPlatform) {
  EXPECT_THAT(draw(7, {"fc.weight", {1, 4}}),
              testing::ElementsAre(-0.0634307861F, -1.10572815F, 0.603141785F, -0.736412048F));
  EXPECT_THAT(draw(7, {"bn.running_var", {2}}), testing::ElementsAre(1.09716904F, 0.900939345F));
}

TEST(RandomParametersTest, ValuesDependOnSeedAndNameAlone) {
  ParameterShape parameter = {"a.weight", {8, 8}};
  EXPECT_EQ(draw(1, parameter), draw(1, parameter, {{"b.weight", {100, 100}}}));
  EXPECT_NE(draw(1, parameter), draw(2, parameter));
  EXPECT_NE(draw(1, parameter), draw(1, {"b.weight", {8, 8}}));
}

// Estimates of n draws are within 5 standard errors: deviation / sqrt(n) of a mean, and of a
// deviation at most deviation / sqrt(n), as no kind has heavier tails than a normal.
TEST(RandomParametersTest, EachKindHasItsDistribution) {
  struct Kind {
    ParameterShape parameter;
    double mean, deviation;
  };
  for (const Kind &kind : std::vector<Kind>{
           {{"bn.running_var", {10000}}, 1, 1 / std::sqrt(12.)},
           {{"bn.running_mean", {10000}}, 0, 0.1},
           {{"norm.weight", {10000}}, 1, 0.4 / std::sqrt(12.)},
           {{"norm.bias", {10000}}, 0, 0.02},
           {{"attn.relative_position_bias_table", {169, 60}}, 0, 0.5},
           {{"fc.weight", {100, 64}}, 0, 1 / 8.},
           {{"conv.weight", {100, 4, 4, 4}}, 0, 1.35 / 8},
       }) {
    std::vector<float> values = draw(3, kind.parameter);
    double error = 5 * kind.deviation / std::sqrt(static_cast<double>(values.size()));
    EXPECT_NEAR(meanOf(values), kind.mean, error) << kind.parameter.name;
    EXPECT_NEAR(deviationOf(values), kind.deviation, error) << kind.parameter.name;
  }
  std::vector<float> variances = draw(4, {"bn.running_var", {10000}});
  EXPECT_GE(*std::min_element(variances.begin(), variances.end()), 0.5F);
  EXPECT_LE(*std::max_element(variances.begin(), variances.end()), 1.5F);
}

TEST(RandomParametersTest, AnUnknownParameterIsAnError) {
  RandomParameters source(1, {});
  float value;
  EXPECT_EQ(source.lookup("a"), std::nullopt);
  EXPECT_EQ(toString(source.read("a", &value)), "no parameter 'a'");
}
