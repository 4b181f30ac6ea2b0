//===- GraphDialectTest.cpp - What passes ask of ops and values -----------===//

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;

namespace {
class GraphDialectTest : public testing::Test {
protected:
  GraphDialectTest() { context.loadDialect<OrielDialect, func::FuncDialect>(); }

  /// Parses a function's body; %x is [1, 8, 8, 4], %t [1, 4, 16, 8].
  void parse(StringRef body) {
    std::string text = "func.func @main(%x: tensor<1x8x8x4xf32>, %t: tensor<1x4x16x8xf32>) {\n" +
                       body.str() + "\nreturn\n}";
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
  }

  /// The only op of its kind.
  template <typename Op>
  Op find() {
    Op found;
    module->walk([&](Op op) { found = op; });
    return found;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(GraphDialectTest, DepthwiseAndPointwiseConvolutions) {
  struct {
    StringRef filter, attributes, result;
    bool isDepthwise, isPointwise;
  } convolutions[] = {
      {"4x1x3x3", "strides = array<i64: 2, 2>, padding = array<i64: 1, 1>, groups = 4 : i64",
       "1x4x4x4", true, false},
      {"4x1x1x1", "strides = array<i64: 1, 1>, padding = array<i64: 0, 0>, groups = 4 : i64",
       "1x8x8x4", true, false},
      // A channel multiplier and two groups of two are grouped, but not depthwise.
      {"8x1x3x3", "strides = array<i64: 1, 1>, padding = array<i64: 1, 1>, groups = 4 : i64",
       "1x8x8x8", false, false},
      {"4x2x1x1", "strides = array<i64: 1, 1>, padding = array<i64: 0, 0>, groups = 2 : i64",
       "1x8x8x4", false, false},
      {"6x4x1x1", "strides = array<i64: 1, 1>, padding = array<i64: 0, 0>", "1x8x8x6", false, true},
      {"6x4x1x1", "strides = array<i64: 2, 1>, padding = array<i64: 0, 0>", "1x4x8x6", false,
       false},
      {"6x4x1x1", "strides = array<i64: 1, 1>, padding = array<i64: 0, 1>", "1x8x10x6", false,
       false},
      {"6x4x1x3", "strides = array<i64: 1, 1>, padding = array<i64: 0, 1>", "1x8x8x6", false,
       false},
  };
  for (auto &convolution : convolutions) {
    std::string filter = "tensor<" + convolution.filter.str() + "xf32>";
    parse("%w = oriel.param \"w\" : " + filter + "\n%y = oriel.conv2d %x, %w {" +
          convolution.attributes.str() + "} : (tensor<1x8x8x4xf32>, " + filter + ") -> tensor<" +
          convolution.result.str() + "xf32>");
    auto op = find<Conv2DOp>();
    EXPECT_EQ(op.isDepthwise(), convolution.isDepthwise) << convolution.attributes.str();
    EXPECT_EQ(op.isPointwise(), convolution.isPointwise) << convolution.attributes.str();
  }
}

TEST_F(GraphDialectTest, FlopsCountAMultiplyAddAsTwo) {
  parse(R"(
    %f = oriel.param "f" : tensor<6x2x3x3xf32>
    %w = oriel.param "w" : tensor<5x8xf32>
    %0 = oriel.conv2d %x, %f {strides = array<i64: 2, 2>, padding = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x2x3x3xf32>) -> tensor<1x4x4x6xf32>
    %1 = oriel.linear %t, %w : (tensor<1x4x16x8xf32>, tensor<5x8xf32>) -> tensor<1x4x16x5xf32>
    %2 = oriel.matmul %t, %t {transpose_rhs} : (tensor<1x4x16x8xf32>, tensor<1x4x16x8xf32>) -> tensor<1x4x16x16xf32>)");
  // Each of 4*4*6 results: two channels of a 3x3 filter.
  EXPECT_EQ(find<Conv2DOp>().getFlops(), 2 * 4 * 4 * 6 * (2 * 3 * 3));
  EXPECT_EQ(find<LinearOp>().getFlops(), 2 * 4 * 16 * 5 * 8);
  EXPECT_EQ(find<MatmulOp>().getFlops(), 2 * 4 * 16 * 16 * 8);
}

TEST_F(GraphDialectTest, ParametersAndWhatIsComputedFromThemAlone) {
  parse(R"(
    %p = oriel.param "p" : tensor<4xf32>
    %s = oriel.batch_norm_scale %p, %p {epsilon = 1.0e-05 : f64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %q = oriel.pack %s : (tensor<4xf32>) -> tensor<4xf32, #oriel.panels>
    %a = oriel.add %p, %s : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %m = oriel.shift_mask {map = array<i64: 2, 2>, window = array<i64: 2, 2>, shift = array<i64: 1, 1>} : () -> tensor<1x1x4x4xf32>
    %e = oriel.prepared "e" : tensor<4xf32>
    %y = oriel.add %x, %p : (tensor<1x8x8x4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
    %z = oriel.silu %p : (tensor<4xf32>) -> tensor<4xf32>)");
  EXPECT_TRUE(isParameter(find<ParamOp>()));
  EXPECT_TRUE(isParameter(find<BatchNormScaleOp>()));
  EXPECT_TRUE(isParameter(find<PackOp>()));
  EXPECT_TRUE(isParameter(find<ShiftMaskOp>()));
  EXPECT_TRUE(isParameter(find<PreparedOp>()));
  EXPECT_FALSE(isParameter(find<SiluOp>()));
  module->walk([](AddOp add) { EXPECT_EQ(isParameter(add), !isa<BlockArgument>(add.getLhs())); });
  EXPECT_FALSE(isParameter(find<func::FuncOp>().getArgument(0)));
}

TEST_F(GraphDialectTest, LayerNameIsTheFirstNameOfALocation) {
  Builder builder(&context);
  Location unknown = builder.getUnknownLoc(),
           stem = NameLoc::get(builder.getStringAttr("stem.conv"), unknown),
           norm = NameLoc::get(builder.getStringAttr("stem.bn"), unknown);
  EXPECT_EQ(getLayerName(stem), "stem.conv");
  EXPECT_EQ(getLayerName(unknown), "");
  EXPECT_EQ(getLayerName(FusedLoc::get(&context, {unknown, stem, norm})), "stem.conv");
}
