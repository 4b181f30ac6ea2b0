#include "compiler/Target/PrepareParameters.h"

#include "CompileText.h"
#include "ParseModule.h"
#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/Interpreter.h"
#include "gmock/gmock.h"

#include <cmath>
#include <cstring>

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Unit roundoff of float: the relative error of one rounding.
constexpr double roundoff = 0x1p-24;

struct Prepared {
  std::string error;
  ParameterBlockLayout layout;
  std::vector<float> block;

  /// The storage of an entry.
  std::vector<float> entry(const std::string &name) const {
    const ParameterEntry *found = layout.lookup(name);
    auto begin = block.begin() + found->offset / sizeof(float);
    return {begin, begin + found->size / sizeof(float)};
  }
};

Prepared prepare(const ParsedModule &parsed, const ParameterSource &source) {
  Prepared prepared;
  auto layout = computeParameterLayout(*parsed.module);
  if (failed(layout)) {
    prepared.error = parsed.diagnostics;
    return prepared;
  }
  prepared.layout = *layout;
  std::string bytes;
  llvm::raw_string_ostream out(bytes);
  ParameterBlockWriter writer(prepared.layout, out);
  prepared.error = errorOf(prepareParameters(*parsed.module, source, writer));
  if (prepared.error.empty()) {
    prepared.error = errorOf(writer.finish());
  }
  if (!prepared.error.empty()) {
    return prepared;
  }
  prepared.block.resize(bytes.size() / sizeof(float));
  memcpy(prepared.block.data(), bytes.data(), bytes.size());
  return prepared;
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

TEST(PrepareParameters, PacksALinearWeightIntoPanels) {
  ParsedModule parsed(R"(
    %w = oriel.param "w" : tensor<35x5xf32>
    %p = oriel.pack %w : (tensor<35x5xf32>) -> tensor<35x5xf32, #oriel.panels>
    oriel.store_prepared %p, "w" : tensor<35x5xf32, #oriel.panels>)");
  TestParameters source;
  auto &weight = source.tensors["w"] = spreadTensor({35, 5}, 1);
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  std::vector<float> expected(48 * 5, 0.0f);
  for (int n = 0; n < 35; ++n) {
    for (int k = 0; k < 5; ++k) {
      expected[(n / 16 * 5 + k) * 16 + n % 16] = weight.values[n * 5 + k];
    }
  }
  EXPECT_EQ(prepared.block, expected);
}

TEST(PrepareParameters, PacksADenseFilterIntoPanels) {
  ParsedModule parsed(R"(
    %w = oriel.param "w" : tensor<20x3x2x5xf32>
    %p = oriel.pack %w : (tensor<20x3x2x5xf32>) -> tensor<20x3x2x5xf32, #oriel.panels>
    oriel.store_prepared %p, "w" : tensor<20x3x2x5xf32, #oriel.panels>)");
  TestParameters source;
  auto &filter = source.tensors["w"] = spreadTensor({20, 3, 2, 5}, 2);
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  std::vector<float> expected(32 * 3 * 2 * 5, 0.0f);
  for (int o = 0; o < 20; ++o) {
    for (int i = 0; i < 3; ++i) {
      for (int y = 0; y < 2; ++y) {
        for (int x = 0; x < 5; ++x) {
          expected[(((o / 16 * 2 + y) * 5 + x) * 3 + i) * 16 + o % 16] =
              filter.values[((o * 3 + i) * 2 + y) * 5 + x];
        }
      }
    }
  }
  EXPECT_EQ(prepared.block, expected);
}

TEST(PrepareParameters, PacksADepthwiseFilterChannelLast) {
  ParsedModule parsed(R"(
    %w = oriel.param "w" : tensor<20x1x2x3xf32>
    %p = oriel.pack %w {depthwise} : (tensor<20x1x2x3xf32>) -> tensor<20x1x2x3xf32, #oriel.panels<depthwise>>
    oriel.store_prepared %p, "w" : tensor<20x1x2x3xf32, #oriel.panels<depthwise>>)");
  TestParameters source;
  auto &filter = source.tensors["w"] = spreadTensor({20, 1, 2, 3}, 3);
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  std::vector<float> expected(2 * 3 * 32, 0.0f);
  for (int c = 0; c < 20; ++c) {
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 3; ++x) {
        expected[(y * 3 + x) * 32 + c] = filter.values[(c * 2 + y) * 3 + x];
      }
    }
  }
  EXPECT_EQ(prepared.block, expected);
}

TEST(PrepareParameters, PadsTheRowsOfVectorsAndTables) {
  ParsedModule parsed(R"(
    %v = oriel.param "v" : tensor<3xf32>
    %t = oriel.param "t" : tensor<2x17xf32>
    %p = oriel.pack %v : (tensor<3xf32>) -> tensor<3xf32, #oriel.panels>
    oriel.store_prepared %p, "packed" : tensor<3xf32, #oriel.panels>
    oriel.store_prepared %v, "vector" : tensor<3xf32>
    oriel.store_prepared %t, "table" : tensor<2x17xf32>)");
  TestParameters source;
  source.tensors["v"] = {{3}, {1.0f, 2.0f, 3.0f}};
  auto &table = source.tensors["t"] = spreadTensor({2, 17}, 4);
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  std::vector<float> padded = {1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(prepared.entry("packed"), padded);
  EXPECT_EQ(prepared.entry("vector"), padded);
  std::vector<float> expected(2 * 32, 0.0f);
  std::copy_n(table.values.begin(), 17, expected.begin());
  std::copy_n(table.values.begin() + 17, 17, expected.begin() + 32);
  EXPECT_EQ(prepared.entry("table"), expected);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

constexpr char batchNormText[] = R"(
  %gamma = oriel.param "gamma" : tensor<20xf32>
  %beta = oriel.param "beta" : tensor<20xf32>
  %mean = oriel.param "mean" : tensor<20xf32>
  %variance = oriel.param "variance" : tensor<20xf32>
  %bias = oriel.param "bias" : tensor<20xf32>
  %w = oriel.param "w" : tensor<20x6xf32>
  %s = oriel.batch_norm_scale %gamma, %variance {epsilon = 1.0e-05 : f64} : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
  %o = oriel.batch_norm_offset %beta, %mean, %s : (tensor<20xf32>, tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
  %b = oriel.batch_norm_offset %beta, %mean, %s, %bias : (tensor<20xf32>, tensor<20xf32>, tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
  %r = oriel.scale_filters %w, %s : (tensor<20x6xf32>, tensor<20xf32>) -> tensor<20x6xf32>
  oriel.store_prepared %r, "filters" : tensor<20x6xf32>
  oriel.store_prepared %o, "offset" : tensor<20xf32>
  oriel.store_prepared %b, "offset with bias" : tensor<20xf32>
)";

TestParameters batchNormParameters() {
  TestParameters source;
  unsigned seed = 5;
  for (const char *name : {"gamma", "beta", "mean", "variance", "bias"}) {
    source.tensors[name] = spreadTensor({20}, ++seed);
  }
  for (float &value : source.tensors["variance"].values) {
    value = std::abs(value);
  }
  source.tensors["w"] = spreadTensor({20, 6}, 11);
  return source;
}

TEST(PrepareParameters, FoldsBatchNormInDoubleAndRoundsOnce) {
  ParsedModule parsed(batchNormText);
  TestParameters source = batchNormParameters();
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  auto value = [&](const char *name, int i) -> double { return source.tensors[name].values[i]; };
  for (int c = 0; c < 20; ++c) {
    double scale = value("gamma", c) / std::sqrt(value("variance", c) + 1.0e-5);
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(prepared.entry("filters")[c * 16 + i], float(value("w", c * 6 + i) * scale));
    }
    EXPECT_EQ(prepared.entry("offset")[c],
              float(value("beta", c) + (0.0 - value("mean", c)) * scale));
    EXPECT_EQ(prepared.entry("offset with bias")[c],
              float(value("beta", c) + (value("bias", c) - value("mean", c)) * scale));
  }
}

TEST(PrepareParameters, AgreesWithTheInterpreterOnBatchNorm) {
  ParsedModule parsed(batchNormText);
  TestParameters source = batchNormParameters();
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  auto expected =
      interpretPrepare(parsed.module->lookupSymbol<mlir::func::FuncOp>("prepare"), source);
  ASSERT_TRUE(succeeded(expected)) << parsed.diagnostics;
  // The interpreter rounds the scale and the product, this once; the margin is for second order.
  for (int i = 0; i < 120; ++i) {
    float reference = (*expected)["filters"].values[i];
    EXPECT_NEAR(prepared.entry("filters")[i / 6 * 16 + i % 6], reference,
                3.01 * roundoff * std::abs(reference));
  }
  for (int c = 0; c < 20; ++c) {
    double beta = source.tensors["beta"].values[c];
    for (const char *name : {"offset", "offset with bias"}) {
      float reference = (*expected)[name].values[c];
      double product = std::abs(reference - beta);
      EXPECT_NEAR(prepared.entry(name)[c], reference,
                  1.01 * roundoff * (product + 2 * std::abs(reference)));
    }
  }
}

constexpr char attentionBiasText[] = R"(
  %t = oriel.param "table" : tensor<15x3xf32>
  %b = oriel.relative_position_bias %t {window = array<i64: 2, 3>} : (tensor<15x3xf32>) -> tensor<3x6x6xf32>
  %m = oriel.shift_mask {map = array<i64: 6, 6>, window = array<i64: 2, 3>, shift = array<i64: 1, 1>, by_class} : () -> tensor<4x1x6x6xf32>
  %a = oriel.shift_mask {map = array<i64: 6, 6>, window = array<i64: 2, 3>, shift = array<i64: 1, 1>} : () -> tensor<6x1x6x6xf32>
  %s = oriel.add %m, %b : (tensor<4x1x6x6xf32>, tensor<3x6x6xf32>) -> tensor<4x3x6x6xf32>
  oriel.store_prepared %b, "bias" : tensor<3x6x6xf32>
  oriel.store_prepared %a, "masks" : tensor<6x1x6x6xf32>
  oriel.store_prepared %s, "sum" : tensor<4x3x6x6xf32>
)";

TEST(PrepareParameters, AgreesWithTheInterpreterOnAttentionBias) {
  ParsedModule parsed(attentionBiasText);
  TestParameters source;
  source.tensors["table"] = spreadTensor({15, 3}, 12);
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  auto expected =
      interpretPrepare(parsed.module->lookupSymbol<mlir::func::FuncOp>("prepare"), source);
  ASSERT_TRUE(succeeded(expected)) << parsed.diagnostics;
  for (const char *name : {"bias", "masks", "sum"}) {
    const Tensor &reference = (*expected)[name];
    std::vector<float> padded;
    for (int64_t row = 0; row < reference.rowCount(); ++row) {
      auto begin = reference.values.begin() + row * 6;
      padded.insert(padded.end(), begin, begin + 6);
      padded.insert(padded.end(), 10, 0.0f);
    }
    // Nothing is rounded but the sum, and that once by both.
    EXPECT_EQ(prepared.entry(name), padded) << name;
  }
}

TEST(PrepareParameters, AgreesWithTheInterpreterOnWinogradFilters) {
  ParsedModule parsed(R"(
    %w = oriel.param "w" : tensor<5x7x3x3xf32>
    %u = oriel.winograd_filter %w : (tensor<5x7x3x3xf32>) -> tensor<5x7x4x4xf32>
    oriel.store_prepared %u, "u" : tensor<5x7x4x4xf32>)");
  TestParameters source;
  source.tensors["w"] = spreadTensor({5, 7, 3, 3}, 13);
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  auto expected =
      interpretPrepare(parsed.module->lookupSymbol<mlir::func::FuncOp>("prepare"), source);
  ASSERT_TRUE(succeeded(expected)) << parsed.diagnostics;
  std::vector<float> entry = prepared.entry("u"), reference = (*expected)["u"].values;
  ASSERT_GE(entry.size(), reference.size());
  double largest = 0;
  for (float value : source.tensors["w"].values) {
    largest = std::max(largest, std::abs(double(value)));
  }
  for (size_t i = 0, padded = 0; i < reference.size(); ++i, ++padded) {
    // Stored in rows of whole panels.
    padded += i % 4 == 0 && i > 0 ? entry.size() / (reference.size() / 4) - 4 : 0;
    // Both sum in double, in different orders, and round once.
    EXPECT_NEAR(entry[padded], reference[i], 2 * roundoff * 4 * largest) << i;
  }
}

TEST(PrepareParameters, GathersTheBiasOfARelativePosition) {
  ParsedModule parsed(R"(
    %t = oriel.param "t" : tensor<3x1xf32>
    %b = oriel.relative_position_bias %t {window = array<i64: 1, 2>} : (tensor<3x1xf32>) -> tensor<1x2x2xf32>
    oriel.store_prepared %b, "b" : tensor<1x2x2xf32>)");
  TestParameters source;
  source.tensors["t"] = {{3, 1}, {10.0f, 20.0f, 30.0f}};
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  // Token 0 sees itself at distance 0 (row 1 of the table), token 1 at distance -1 (row 0).
  EXPECT_EQ(prepared.block[0], 20.0f);
  EXPECT_EQ(prepared.block[1], 10.0f);
  EXPECT_EQ(prepared.block[16], 30.0f);
  EXPECT_EQ(prepared.block[17], 20.0f);
}

TEST(PrepareParameters, MasksTokensThatTheShiftBroughtTogether) {
  ParsedModule parsed(R"(
    %m = oriel.shift_mask {map = array<i64: 2, 4>, window = array<i64: 1, 2>, shift = array<i64: 0, 1>} : () -> tensor<4x1x2x2xf32>
    oriel.store_prepared %m, "m" : tensor<4x1x2x2xf32>)");
  Prepared prepared = prepare(parsed, TestParameters());
  ASSERT_EQ(prepared.error, "");
  auto window = [&](int g) {
    return std::vector{prepared.block[g * 32], prepared.block[g * 32 + 1],
                       prepared.block[g * 32 + 16], prepared.block[g * 32 + 17]};
  };
  EXPECT_THAT(window(0), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(window(1), ElementsAre(0, -100, -100, 0));
  EXPECT_THAT(window(2), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(window(3), ElementsAre(0, -100, -100, 0));
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

TEST(PrepareParameters, ReadsEachTensorOnceAndOnlyWhenAnEntryNeedsIt) {
  ParsedModule parsed(R"(
    %unused = oriel.param "unused" : tensor<1xf32>
    %b = oriel.param "b" : tensor<1xf32>
    %a = oriel.param "a" : tensor<1xf32>
    %s = oriel.add %a, %a : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    oriel.store_prepared %s, "s" : tensor<1xf32>
    oriel.store_prepared %b, "b" : tensor<1xf32>
    oriel.store_prepared %a, "a" : tensor<1xf32>)");
  TestParameters source;
  for (const char *name : {"a", "b", "unused"}) {
    source.tensors[name] = {{1}, {2.0f}};
  }
  Prepared prepared = prepare(parsed, source);
  ASSERT_EQ(prepared.error, "");
  EXPECT_THAT(source.reads, ElementsAre("a", "b"));
  EXPECT_EQ(prepared.entry("s")[0], 4.0f);
}

TEST(PrepareParameters, GivesTheSameBytesEachTime) {
  ParsedModule parsed(batchNormText);
  TestParameters source = batchNormParameters();
  EXPECT_EQ(prepare(parsed, source).block, prepare(parsed, source).block);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

constexpr char oneParameterText[] = R"(
  %a = oriel.param "stem.bias" : tensor<4xf32>
  oriel.store_prepared %a, "stem.offset" : tensor<4xf32> loc("stem")
)";

TEST(PrepareParameters, NamesAMissingTensorAndItsLayer) {
  ParsedModule parsed(oneParameterText);
  EXPECT_EQ(prepare(parsed, TestParameters()).error,
            "preparing the parameter 'stem.offset' of layer 'stem' failed: the weights have no "
            "tensor 'stem.bias'");
}

TEST(PrepareParameters, ShowsBothShapesOfAMisshapenTensor) {
  ParsedModule parsed(oneParameterText);
  TestParameters source;
  source.tensors["stem.bias"] = spreadTensor({2, 2}, 1);
  EXPECT_THAT(prepare(parsed, source).error,
              HasSubstr("the weights' tensor 'stem.bias' is 2x2, the model needs 4"));
}

TEST(PrepareParameters, PassesOnWhyATensorCannotBeRead) {
  ParsedModule parsed(oneParameterText);
  TestParameters source;
  source.tensors["stem.bias"] = {{4}, {}};
  EXPECT_THAT(prepare(parsed, source).error, HasSubstr("the tensor is of type I32"));
}

TEST(PrepareParameters, RefusesAnOpThatIsNoParameterArithmetic) {
  ParsedModule parsed(R"(
    %a = oriel.param "a" : tensor<1x4xf32>
    %b = oriel.silu %a : (tensor<1x4xf32>) -> tensor<1x4xf32>
    oriel.store_prepared %b, "b" : tensor<1x4xf32>)");
  TestParameters source;
  source.tensors["a"] = spreadTensor({1, 4}, 1);
  EXPECT_THAT(prepare(parsed, source).error,
              HasSubstr("oriel.silu cannot be computed when the model is compiled"));
}

} // namespace
