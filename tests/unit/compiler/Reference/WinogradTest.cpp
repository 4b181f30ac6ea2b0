//===- WinogradTest.cpp - 3x3 convolutions by tiles of 2x2 results --------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Reference/ErrorBounds.h"
#include "compiler/Reference/RandomTensors.h"
#include "tests/unit/compiler/Reference/EvaluateText.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include <cmath>

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;

TEST(WinogradFilterTest, IsTheFilterAtFourPointsOfEachDimension) {
  // The polynomial of (1, 2, 3) at 0, 1, -1 and infinity, the middle two halved; times (1, 0, 0).
  Tensor filter({1, 1, 3, 3}, {1, 0, 0, 2, 0, 0, 3, 0, 0});
  Tensor result = evaluateOp("oriel.winograd_filter %0", {filter}, {1, 1, 4, 4});
  EXPECT_THAT(result.values,
              ElementsAre(1, 0.5, 0.5, 0, 3, 1.5, 1.5, 0, 1, 0.5, 0.5, 0, 3, 1.5, 1.5, 0));
}

TEST(WinogradConv2DTest, IsTheConvolutionForOddMapsAndAnyPadding) {
  Tensor input = makeRandomTensor({2, 5, 6, 3}, 1), filter = makeRandomTensor({4, 3, 3, 3}, 2),
         bias = makeRandomTensor({4}, 3);
  Tensor transformed = evaluateOp("oriel.winograd_filter %0", {filter}, {4, 3, 4, 4});
  for (int64_t padding : {0, 1, 2}) {
    std::string attribute =
        "padding = array<i64: " + std::to_string(padding) + ", " + std::to_string(padding) + ">}";
    std::vector<int64_t> shape{2, 3 + 2 * padding, 4 + 2 * padding, 4};
    Tensor expected =
        evaluateOp("oriel.conv2d %0, %1, %2 {strides = array<i64: 1, 1>, " + attribute,
                   {input, filter, bias}, shape);
    Tensor result = evaluateOp("oriel.winograd_conv2d %0, %1, %2 {" + attribute,
                               {input, transformed, bias}, shape);
    for (size_t i = 0; i < result.values.size(); ++i) {
      // The transformed filter is rounded, 16 terms for each of three channels, inputs below 1.
      EXPECT_NEAR(result.values[i], expected.values[i], 3 * 16 * 4 * 0x1p-24);
    }
  }
}

/// winograd_conv2d of a filter that the function transforms itself.
static constexpr char convolve[] = R"(
  func.func @main(%x: tensor<1x2x2x8xf32>, %w: tensor<1x8x3x3xf32>) -> tensor<1x2x2x1xf32> {
    %u = oriel.winograd_filter %w : (tensor<1x8x3x3xf32>) -> tensor<1x8x4x4xf32>
    %y = oriel.winograd_conv2d %x, %u {padding = array<i64: 1, 1>} : (tensor<1x2x2x8xf32>, tensor<1x8x4x4xf32>) -> tensor<1x2x2x1xf32>
    return %y : tensor<1x2x2x1xf32>
  })";

TEST(WinogradConv2DTest, BoundCoversSumsThatCancel) {
  // Inputs of 1e4 that only the tile's other taps see: the direct sum is of small numbers, but
  // large ones pass through Winograd's sums, and the bound must know.
  mlir::MLIRContext context;
  context.loadDialect<OrielDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(convolve, &context);
  Tensor input = makeRandomTensor({1, 2, 2, 8}, 1),
         filter = Tensor::zeros(std::vector<int64_t>{1, 8, 3, 3});
  for (int64_t i = 0; i < 8; ++i) {
    input.at(0, 1, 1, i) = 1e4f;
    filter.at(0, i, 1, 1) = 1;
  }
  auto results = interpretWithBounds(
      module->lookupSymbol<mlir::func::FuncOp>("main").getBody().front(), {input, filter});
  ASSERT_TRUE(llvm::succeeded(results));
  float bound = results->front().bound.values[0];
  EXPECT_GT(bound, 8 * 1e4 * 0x1p-24 / 4);
  EXPECT_LT(bound, 8 * 1e4 * 0x1p-24 * 100);
}
