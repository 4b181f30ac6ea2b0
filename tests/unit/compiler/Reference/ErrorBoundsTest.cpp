//===- ErrorBoundsTest.cpp - Bounds hold, and are not far from tight ------===//

#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/RandomTensors.h"
#include "frontend/ModuleParameters.h"
#include "frontend/RandomParameters.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace oriel;
using testing::ElementsAre;
using testing::HasSubstr;

static BoundedTensor boundText(llvm::StringRef function, llvm::ArrayRef<Tensor> arguments) {
  mlir::MLIRContext context;
  context.loadDialect<OrielDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(function, &context);
  auto main = module->lookupSymbol<mlir::func::FuncOp>("main");
  auto results = interpretWithBounds(main.getBody().front(), arguments);
  EXPECT_TRUE(llvm::succeeded(results));
  return llvm::succeeded(results) ? results->front() : BoundedTensor();
}

static constexpr char linear[] = R"(
  func.func @main(%x: tensor<1x768xf32>, %w: tensor<1x768xf32>, %b: tensor<1xf32>) -> tensor<1x1xf32> {
    %y = oriel.linear %x, %w, %b : (tensor<1x768xf32>, tensor<1x768xf32>, tensor<1xf32>) -> tensor<1x1xf32>
    return %y : tensor<1x1xf32>
  })";

TEST(ErrorBoundsTest, LinearBoundIsGammaTimesTheSumOfAbsoluteProducts) {
  // 768 products of 2 * -0.5, and a bias of 32: the absolute sum is 800.
  Tensor x({1, 768}, std::vector<float>(768, 2)), w({1, 768}, std::vector<float>(768, -0.5)),
      b({1}, {32});
  BoundedTensor result = boundText(linear, {x, w, b});
  EXPECT_THAT(result.value.values, ElementsAre(-736));
  EXPECT_GE(result.bound.values[0], gammaFactor(769) * 800);
  EXPECT_LE(result.bound.values[0], gammaFactor(774) * 800);
}

TEST(ErrorBoundsTest, BoundsOfArgumentsGoThroughTheirCoefficients) {
  mlir::MLIRContext context;
  context.loadDialect<OrielDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(linear, &context);
  auto main = module->lookupSymbol<mlir::func::FuncOp>("main");
  Tensor x({1, 768}, std::vector<float>(768, 2)), w({1, 768}, std::vector<float>(768, -0.5)),
      dw({1, 768}, std::vector<float>(768, 0.125)), b({1}, {32});
  auto results =
      interpretWithBounds(main.getBody().front(),
                          std::vector<BoundedTensor>{
                              {x, Tensor::zeros(x.shape)}, {w, dw}, {b, Tensor::zeros(b.shape)}});
  ASSERT_TRUE(llvm::succeeded(results));
  EXPECT_THAT(results->front().value.values, ElementsAre(-736));
  // 768 * 2 * 0.125, and the roundings of the test above.
  EXPECT_GE(results->front().bound.values[0], 192);
  EXPECT_LE(results->front().bound.values[0], 192 * (1 + 0x1p-9));
}

TEST(ErrorBoundsTest, PreparedEntriesHaveTheRoundingsOfTheirArithmetic) {
  constexpr char prepare[] = R"(
    func.func @prepare() {
      %w = oriel.param "w" : tensor<4x2xf32>
      %s = oriel.param "s" : tensor<4xf32>
      %r = oriel.scale_filters %w, %s : (tensor<4x2xf32>, tensor<4xf32>) -> tensor<4x2xf32>
      oriel.store_prepared %w, "w" : tensor<4x2xf32>
      oriel.store_prepared %r, "r" : tensor<4x2xf32>
      return
    })";
  mlir::MLIRContext context;
  context.loadDialect<OrielDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(prepare, &context);
  ASSERT_TRUE(module);
  RandomParameters parameters(1, collectParameters(*module));
  auto entries =
      interpretPrepareWithBounds(module->lookupSymbol<mlir::func::FuncOp>("prepare"), parameters);
  ASSERT_TRUE(llvm::succeeded(entries));
  EXPECT_THAT(entries->lookup("w").bound.values, testing::Each(0.0F));
  BoundedTensor scaled = entries->lookup("r");
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_GE(scaled.bound.values[i], unitRoundoff * std::fabs(scaled.value.values[i]));
    EXPECT_LE(scaled.bound.values[i], 6 * unitRoundoff * std::fabs(scaled.value.values[i]) + 1e-30);
  }
}

TEST(ErrorBoundsTest, TypicalRoundingsGrowWithTheRootOfTheirNumber) {
  mlir::MLIRContext context;
  context.loadDialect<OrielDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(linear, &context);
  Tensor x({1, 768}, std::vector<float>(768, 2)), w({1, 768}, std::vector<float>(768, -0.5)),
      b({1}, {32});
  auto exact = [](const Tensor &tensor) {
    return BoundedTensor{tensor, Tensor::zeros(tensor.shape)};
  };
  auto results =
      interpretWithBounds(module->lookupSymbol<mlir::func::FuncOp>("main").getBody().front(),
                          {exact(x), exact(w), exact(b)}, Rounding::Typical);
  ASSERT_TRUE(llvm::succeeded(results));
  EXPECT_GE(results->front().bound.values[0], std::sqrt(769) * unitRoundoff * 800);
  EXPECT_LE(results->front().bound.values[0], std::sqrt(774) * unitRoundoff * 800);
}

/// A float32 dot product, terms in the given order.
template <typename Indices>
static float dotProduct(const Tensor &x, const Tensor &w, float start, Indices indices) {
  for (size_t k : indices) {
    start += x.values[k] * w.values[k];
  }
  return start;
}

TEST(ErrorBoundsTest, FloatSumsInAnyOrderStayWithinTheBoundOneWrongTermDoesNot) {
  Tensor x = makeRandomTensor({1, 768}, 1), w = makeRandomTensor({1, 768}, 2),
         b = makeRandomTensor({1}, 3);
  BoundedTensor expected = boundText(linear, {x, w, b});
  std::vector<size_t> order(768);
  for (size_t k = 0; k < order.size(); ++k) {
    order[k] = k;
  }
  Tensor actual({1, 1}, {dotProduct(x, w, b.values[0], order)});
  EXPECT_EQ(describeMismatch(actual, expected), "");
  std::ranges::reverse(order);
  actual.values[0] = dotProduct(x, w, b.values[0], order);
  EXPECT_EQ(describeMismatch(actual, expected), "");
  order.pop_back();
  actual.values[0] = dotProduct(x, w, b.values[0], order);
  EXPECT_THAT(describeMismatch(actual, expected), HasSubstr("element 0"));
}

TEST(ErrorBoundsTest, AddedBoundsCoverBothOperandsErrors) {
  // (x * 3) + (x * 3): the scale's bound arrives twice.
  BoundedTensor one = boundText(R"(
    func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {
      %s = oriel.scale %x {factor = 3.0 : f64} : (tensor<1xf32>) -> tensor<1xf32>
      return %s : tensor<1xf32>
    })",
                                {Tensor({1}, {1})});
  BoundedTensor both = boundText(R"(
    func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {
      %s = oriel.scale %x {factor = 3.0 : f64} : (tensor<1xf32>) -> tensor<1xf32>
      %r = oriel.add %s, %s : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
      return %r : tensor<1xf32>
    })",
                                 {Tensor({1}, {1})});
  EXPECT_GT(one.bound.values[0], 0);
  EXPECT_GE(both.bound.values[0], 2 * one.bound.values[0]);
}

TEST(ErrorBoundsTest, MovementMovesBounds) {
  BoundedTensor result = boundText(R"(
    func.func @main(%x: tensor<1x1x2x1xf32>) -> tensor<1x1x2x1xf32> {
      %s = oriel.scale %x {factor = 3.0 : f64} : (tensor<1x1x2x1xf32>) -> tensor<1x1x2x1xf32>
      %r = oriel.roll %s {shift = array<i64: 0, 1>} : (tensor<1x1x2x1xf32>) -> tensor<1x1x2x1xf32>
      return %r : tensor<1x1x2x1xf32>
    })",
                                   {Tensor({1, 1, 2, 1}, {1, 1000})});
  EXPECT_NEAR(result.bound.values[0] / result.bound.values[1], 1000, 1);
}

/// layer_norm, silu, gelu and softmax of one row in float32, with a variance of one pass.
static Tensor chainInFloat(const Tensor &x, const Tensor &gamma, const Tensor &beta) {
  size_t length = x.values.size();
  float sum = 0, squares = 0, total = 0;
  for (float value : x.values) {
    sum += value;
    squares += value * value;
  }
  float mean = sum / length, scale = 1 / std::sqrt(squares / length - mean * mean + 1e-5f);
  Tensor result = x;
  for (size_t c = 0; c < length; ++c) {
    float y = (x.values[c] - mean) * scale * gamma.values[c] + beta.values[c];
    y = y / (1 + std::exp(-y));
    y = y * 0.5f * (1 + std::erf(y * 0.70710678f));
    result.values[c] = std::exp(y);
    total += result.values[c];
  }
  for (float &value : result.values) {
    value /= total;
  }
  return result;
}

TEST(ErrorBoundsTest, RowFunctionsInFloatStayWithinTheirBounds) {
  Tensor gamma = makeRandomTensor({96}, 5, -3, 3), beta = makeRandomTensor({96}, 6);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Tensor x = makeRandomTensor({1, 96}, seed, -1, 3);
    BoundedTensor expected = boundText(R"(
      func.func @main(%x: tensor<1x96xf32>, %g: tensor<96xf32>, %b: tensor<96xf32>) -> tensor<1x96xf32> {
        %0 = oriel.layer_norm %x, %g, %b {epsilon = 1.0e-05 : f64} : (tensor<1x96xf32>, tensor<96xf32>, tensor<96xf32>) -> tensor<1x96xf32>
        %1 = oriel.silu %0 : (tensor<1x96xf32>) -> tensor<1x96xf32>
        %2 = oriel.gelu %1 : (tensor<1x96xf32>) -> tensor<1x96xf32>
        %3 = oriel.softmax %2 : (tensor<1x96xf32>) -> tensor<1x96xf32>
        return %3 : tensor<1x96xf32>
      })",
                                       {x, gamma, beta});
    Tensor actual = chainInFloat(x, gamma, beta);
    ASSERT_EQ(describeMismatch(actual, expected), "") << "seed " << seed;
    // A wrong row weight is far outside.
    std::swap(gamma.values[0], gamma.values[1]);
    ASSERT_NE(describeMismatch(chainInFloat(x, gamma, beta), expected), "") << "seed " << seed;
    std::swap(gamma.values[0], gamma.values[1]);
  }
}

// Seed 30709 of the graph fuzzer: a masked score's exponential is that of -87.
TEST(ErrorBoundsTest, SoftmaxMayClampWhatItTakesTheExponentialOf) {
  BoundedTensor expected = boundText(R"(
    func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
      %0 = oriel.softmax %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
      return %0 : tensor<1x2xf32>
    })",
                                     {Tensor({1, 2}, {0, -100})});
  EXPECT_EQ(describeMismatch(Tensor({1, 2}, {1, 1.6458115e-38F}), expected), "");
  EXPECT_NE(describeMismatch(Tensor({1, 2}, {1, 4e-38F}), expected), "");
}

TEST(ErrorBoundsTest, StoredAsFloat16AValueIsRoundedAndTheBoundGoesToTheRoundedEnds) {
  // Neighbours of 1 in float16 are 1 - 2^-11 and 1 + 2^-10. 3 + 2^-10 is a tie, between 3 and 3 +
  // 2^-9; the smallest numbers lie 2^-24 apart.
  Tensor values({5}, {1, 1 + 0x1p-11F - 0x1p-20F, 3 + 0x1p-10F, 0x1p-25F, -65504});
  Tensor bounds({5}, {0x1p-13F, 0x1p-18F, 0x1p-20F, 0x1p-26F, 15});
  BoundedTensor stored = roundToFloat16(BoundedTensor{values, bounds});
  EXPECT_THAT(stored.value.values, ElementsAre(1, 1, 3, 0, -65504));
  EXPECT_THAT(stored.bound.values, ElementsAre(0, 0x1p-10F, 0x1p-9F, 0x1p-24F, 0));
  EXPECT_EQ(roundToFloat16(values).values, stored.value.values);
}

// Any value within the bound lies within the new one once rounded, and no closer bound would do.
TEST(ErrorBoundsTest, BoundsOfFloat16AreReached) {
  Tensor values = makeRandomTensor({1000}, 7, -4, 4),
         bounds = makeRandomTensor({1000}, 8, 0, 0x1p-9F);
  BoundedTensor stored = roundToFloat16(BoundedTensor{values, bounds});
  for (size_t i = 0; i < values.values.size(); ++i) {
    double farthest = 0;
    for (int step = -64; step <= 64; ++step) {
      auto near = static_cast<float>(values.values[i] + step / 64.0 * bounds.values[i]);
      double rounded = roundToFloat16(Tensor({1}, {near})).values[0];
      farthest = std::max(farthest, std::fabs(rounded - stored.value.values[i]));
    }
    EXPECT_EQ(stored.bound.values[i], farthest) << i;
  }
}

// A batch norm folded into a convolution, as it stands in @prepare and as a kernel computes it.
static constexpr char foldedBatchNorm[] = R"(
  func.func @prepare() {
    %w = oriel.param "weight" : tensor<3x5x1x1xf32>
    %g = oriel.param "gamma" : tensor<3xf32>
    %b = oriel.param "beta" : tensor<3xf32>
    %m = oriel.param "running_mean" : tensor<3xf32>
    %v = oriel.param "running_var" : tensor<3xf32>
    %s = oriel.batch_norm_scale %g, %v {epsilon = 1.0e-05 : f64} : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %f = oriel.scale_filters %w, %s : (tensor<3x5x1x1xf32>, tensor<3xf32>) -> tensor<3x5x1x1xf32>
    %o = oriel.batch_norm_offset %b, %m, %s, %b : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    oriel.store_prepared %f, "filter" : tensor<3x5x1x1xf32>
    oriel.store_prepared %o, "offset" : tensor<3xf32>
    return
  }
  func.func @main(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x3xf32> {
    %f = oriel.prepared "filter" : tensor<3x5x1x1xf32>
    %o = oriel.prepared "offset" : tensor<3xf32>
    %y = oriel.conv2d %x, %f, %o {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<2x3x4x5xf32>, tensor<3x5x1x1xf32>, tensor<3xf32>) -> tensor<2x3x4x3xf32>
    return %y : tensor<2x3x4x3xf32>
  })";

/// The same in float32 without the interpreter, from the parameters.
static Tensor foldInFloat(const Tensor &x, const ParameterSource &parameters) {
  Tensor w = Tensor::zeros(std::vector<int64_t>{3, 5}), g({3}, std::vector<float>(3)), b = g, m = g,
         v = g;
  llvm::cantFail(parameters.read("weight", w.values.data()));
  llvm::cantFail(parameters.read("gamma", g.values.data()));
  llvm::cantFail(parameters.read("beta", b.values.data()));
  llvm::cantFail(parameters.read("running_mean", m.values.data()));
  llvm::cantFail(parameters.read("running_var", v.values.data()));
  Tensor result = Tensor::zeros(std::vector<int64_t>{2, 3, 4, 3});
  for (size_t i = 0; i < result.values.size(); ++i) {
    size_t c = i % 3, row = i / 3;
    float scale = g.values[c] / std::sqrt(v.values[c] + 1e-5f);
    float sum = b.values[c] + (b.values[c] - m.values[c]) * scale;
    for (size_t k = 0; k < 5; ++k) {
      sum += x.values[row * 5 + k] * (w.values[c * 5 + k] * scale);
    }
    result.values[i] = sum;
  }
  return result;
}

TEST(ErrorBoundsTest, ParameterArithmeticInFloatStaysWithinItsBounds) {
  mlir::MLIRContext context;
  context.loadDialect<OrielDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(foldedBatchNorm, &context);
  ASSERT_TRUE(module);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    RandomParameters parameters(seed, collectParameters(*module));
    Tensor x = makeRandomTensor({2, 3, 4, 5}, seed);
    auto results =
        interpretWithBounds(module->lookupSymbol<mlir::func::FuncOp>("main"), {x}, parameters);
    ASSERT_TRUE(llvm::succeeded(results));
    Tensor actual = foldInFloat(x, parameters);
    ASSERT_EQ(describeMismatch(actual, results->front()), "") << "seed " << seed;
    // An epsilon of another size is outside.
    for (float &value : actual.values) {
      value *= 1 + 1e-5f;
    }
    ASSERT_NE(describeMismatch(actual, results->front()), "") << "seed " << seed;
  }
}

// All bytes, for what models of the zoo subtract and divide by.
TEST(ErrorBoundsTest, PixelsNormalizedInFloatStayWithinTheirBounds) {
  Tensor pixels = Tensor::zeros(std::vector<int64_t>{1, 1, 256, 3}), actual = pixels;
  const float mean[] = {0.485f, 0.456f, 0.406f}, deviation[] = {0.229f, 0.224f, 0.225f};
  for (size_t i = 0; i < pixels.values.size(); ++i) {
    pixels.values[i] = float(i / 3);
    actual.values[i] = (pixels.values[i] / 255.0f - mean[i % 3]) / deviation[i % 3];
  }
  BoundedTensor expected = boundText(R"(
    func.func @main(%x: tensor<1x1x256x3xui8>) -> tensor<1x1x256x3xf32> {
      %y = oriel.normalize_image %x {mean = array<f64: 0.485, 0.456, 0.406>, std = array<f64: 0.229, 0.224, 0.225>} : (tensor<1x1x256x3xui8>) -> tensor<1x1x256x3xf32>
      return %y : tensor<1x1x256x3xf32>
    })",
                                     {pixels});
  EXPECT_EQ(describeMismatch(actual, expected), "");
  // Pixels over 256 instead of 255 are outside.
  for (size_t i = 0; i < pixels.values.size(); ++i) {
    actual.values[i] = (pixels.values[i] / 256.0f - mean[i % 3]) / deviation[i % 3];
  }
  EXPECT_NE(describeMismatch(actual, expected), "");
}

TEST(ErrorBoundsTest, AVarianceLostInRoundingHasNoFiniteBound) {
  Tensor one({2}, {1, 1});
  BoundedTensor expected = boundText(R"(
    func.func @main(%x: tensor<1x2xf32>, %g: tensor<2xf32>) -> tensor<1x2xf32> {
      %y = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
      return %y : tensor<1x2xf32>
    })",
                                     {Tensor({1, 2}, {8388607, 8388609}), one});
  EXPECT_THAT(describeMismatch(expected.value, expected), HasSubstr("no finite bound"));
}

TEST(RandomTensorsTest, SequenceIsThatOfTheStandardsGenerator) {
  // ISO C++ [rand.predef]: the 10000th value of mt19937_64 with its default seed is
  // 9981545732273789042.
  Tensor tensor = makeRandomTensor({10000}, 5489, 0, 1);
  EXPECT_EQ(tensor.values.back(), static_cast<float>(9981545732273789042ull >> 40) / (1 << 24));
}

TEST(RandomTensorsTest, ValuesLieInTheRange) {
  Tensor tensor = makeRandomTensor({100, 100}, 1, 2, 5);
  auto [low, high] = std::ranges::minmax(tensor.values);
  EXPECT_GE(low, 2);
  EXPECT_LT(high, 5);
  EXPECT_LT(low, 2.01f);
  EXPECT_GT(high, 4.99f);
}
