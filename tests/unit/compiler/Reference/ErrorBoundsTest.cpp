//===- ErrorBoundsTest.cpp - Bounds hold, and are not far from tight ------===//

#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/RandomTensors.h"

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

TEST(ErrorBoundsTest, NotANumberIsAMismatch) {
  BoundedTensor expected{Tensor({2}, {1, 2}), Tensor({2}, {0.5, 0.5})};
  EXPECT_EQ(describeMismatch(Tensor({2}, {1.5, 1.5}), expected), "");
  EXPECT_THAT(describeMismatch(Tensor({2}, {1, std::numeric_limits<float>::quiet_NaN()}), expected),
              HasSubstr("element 1"));
  EXPECT_THAT(describeMismatch(Tensor({2}, {1, std::numeric_limits<float>::infinity()}), expected),
              HasSubstr("element 1"));
  EXPECT_EQ(describeMismatch(Tensor({1}, {1}), expected), "shapes differ");
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
