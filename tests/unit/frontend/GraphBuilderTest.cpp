//===- GraphBuilderTest.cpp - Graphs, layer names and errors --------------===//

#include "frontend/GraphBuilder.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "frontend/ModuleParameters.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace oriel;
using testing::ElementsAre;

namespace {

class GraphBuilderTest : public testing::Test {
protected:
  std::string finishWithError(GraphTensor result) {
    auto module = builder.finish(result);
    return module ? "built" : toString(module.takeError());
  }

  mlir::MLIRContext context;
  GraphBuilder builder{context, "net"};
};

/// The ops of `@main` in order, each as "<op> <layer> <shape>".
std::vector<std::string> describeOps(mlir::ModuleOp module) {
  std::vector<std::string> lines;
  for (mlir::Operation &op : module.lookupSymbol<mlir::func::FuncOp>("main").getBody().front()) {
    if (op.getNumResults() == 1) {
      auto type = llvm::cast<mlir::RankedTensorType>(op.getResult(0).getType());
      std::string line =
          (op.getName().stripDialect() + " " + getLayerName(op.getLoc()) + " ").str();
      llvm::raw_string_ostream out(line);
      llvm::interleave(type.getShape(), out, "x");
      lines.push_back(line);
    }
  }
  return lines;
}

} // namespace

TEST_F(GraphBuilderTest, ScopesNameLayersAndParameters) {
  GraphTensor x = builder.input("x", {2, 8});
  {
    Scope outer(builder, "layers.0");
    EXPECT_EQ(builder.getLayerName(), "layers.0");
    Scope inner(builder, "fc");
    x = builder.linear(x, builder.parameter("weight", {4, 8}), builder.parameter("bias", {4}));
  }
  EXPECT_EQ(builder.getLayerName(), "");
  x = builder.gelu(x);
  auto module = llvm::cantFail(builder.finish(x));
  EXPECT_THAT(describeOps(*module), ElementsAre("param layers.0.fc 4x8", "param layers.0.fc 4",
                                                "linear layers.0.fc 2x4", "gelu net 2x4"));
  EXPECT_THAT(collectParameters(*module), ElementsAre(ParameterShape{"layers.0.fc.weight", {4, 8}},
                                                      ParameterShape{"layers.0.fc.bias", {4}}));
}

TEST_F(GraphBuilderTest, EveryMethodMakesTheOpOfItsName) {
  GraphTensor image = builder.input("image", {1, 3, 8, 8});
  auto vector = [&](const char *name, int64_t size) { return builder.parameter(name, {size}); };
  GraphTensor map = builder.permute(image, {0, 2, 3, 1});
  map = builder.conv2d(map, builder.parameter("filter", {4, 3, 3, 3}), vector("bias", 4),
                       {.stride = {2, 1}, .padding = {1, 1}});
  map =
      builder.batchNorm(map, vector("a", 4), vector("b", 4), vector("c", 4), vector("d", 4), 1e-5);
  map = builder.silu(builder.concat({map, map}));
  map = builder.roll(map, {-1, 2});
  GraphTensor tokens = builder.windowPartition(map, {2, 4});
  tokens = builder.layerNorm(tokens, vector("gamma", 8), vector("beta", 8), 1e-5);
  GraphTensor q = builder.scale(builder.splitHeads(tokens, 2, 0, 2), 0.5);
  GraphTensor k = builder.splitHeads(tokens, 2, 1, 2);
  GraphTensor scores = builder.matmulTransposed(q, k);
  GraphTensor bias = builder.relativePositionBias(builder.parameter("table", {21, 2}), {2, 4});
  scores = builder.add(scores, bias);
  scores = builder.add(scores, builder.shiftMask({4, 8}, {2, 4}, {1, 2}));
  tokens = builder.mergeHeads(builder.matmul(builder.softmax(scores), k));
  map = builder.windowReverse(tokens, {2, 4}, {4, 8});
  map = builder.foldPatches(builder.unfoldPatches(map, {2, 2}), {2, 2}, {4, 8});
  map = builder.patchMerge(map);
  GraphTensor y = builder.linear(builder.globalAvgPool(map), builder.parameter("w", {5, 16}), {});
  auto module = builder.finish(builder.gelu(y));
  ASSERT_TRUE(static_cast<bool>(module)) << toString(module.takeError());
  std::vector<std::string> ops;
  for (const std::string &line : describeOps(**module)) {
    if (llvm::StringRef(line).starts_with("param ")) {
      continue;
    }
    ops.push_back(line);
  }
  EXPECT_THAT(
      ops, ElementsAre(
               "permute net 1x8x8x3", "conv2d net 1x4x8x4", "batch_norm net 1x4x8x4",
               "concat net 1x4x8x8", "silu net 1x4x8x8", "roll net 1x4x8x8",
               "window_partition net 1x4x8x8", "layer_norm net 1x4x8x8",
               "split_heads net 1x4x2x8x2", "scale net 1x4x2x8x2", "split_heads net 1x4x2x8x2",
               "matmul net 1x4x2x8x8", "relative_position_bias net 2x8x8", "add net 1x4x2x8x8",
               "shift_mask net 4x1x8x8", "add net 1x4x2x8x8", "softmax net 1x4x2x8x8",
               "matmul net 1x4x2x8x2", "merge_heads net 1x4x8x4", "window_reverse net 1x4x8x4",
               "unfold_patches net 1x4x8x4", "fold_patches net 1x4x8x4", "patch_merge net 1x2x4x16",
               "global_avg_pool net 1x16", "linear net 1x5", "gelu net 1x5"));
}

TEST_F(GraphBuilderTest, PixelsAreNormalizedBeforeAnythingElse) {
  GraphTensor pixels = builder.pixelInput("pixels", {2, 4, 6, 3});
  GraphTensor map = builder.normalizeImage(pixels, {0.5, 0.5, 0.5}, {0.25, 0.25, 0.25});
  auto module = builder.finish(builder.silu(map));
  ASSERT_TRUE(static_cast<bool>(module)) << toString(module.takeError());
  EXPECT_THAT(describeOps(**module),
              ElementsAre("normalize_image net 2x4x6x3", "silu net 2x4x6x3"));

  GraphBuilder wrong(context, "wrong");
  auto refused = wrong.finish(wrong.silu(wrong.pixelInput("pixels", {2, 4, 6, 3})));
  ASSERT_FALSE(static_cast<bool>(refused));
  EXPECT_THAT(toString(refused.takeError()), testing::HasSubstr("wrong: "));
}

TEST_F(GraphBuilderTest, AnErrorNamesTheLayerAndShowsBothShapes) {
  GraphTensor x = builder.input("x", {2, 8});
  Scope scope(builder, "head.fc");
  x = builder.linear(x, builder.parameter("weight", {4, 9}), {});
  EXPECT_FALSE(x);
  EXPECT_EQ(finishWithError(x),
            "head.fc: linear (C3): input 2x8 has rows of 8, weight 4x9 expects 9");
}

TEST_F(GraphBuilderTest, TheFirstErrorIsKeptAndNothingIsBuiltAfterIt) {
  GraphTensor x = builder.input("x", {2, 8});
  GraphTensor wrong;
  {
    Scope scope(builder, "first");
    wrong = builder.add(x, builder.parameter("bias", {7}));
  }
  Scope scope(builder, "second");
  GraphTensor later = builder.gelu(x);
  EXPECT_FALSE(wrong);
  EXPECT_FALSE(later);
  EXPECT_FALSE(builder.input("y", {1}));
  EXPECT_FALSE(builder.parameter("weight", {1}));
  EXPECT_FALSE(builder.conv2d(wrong, later, {}, {}));
  builder.fail("too late");
  EXPECT_TRUE(builder.hasFailed());
  EXPECT_EQ(finishWithError(later), "first: add (C1): shapes 2x8 and 7 do not broadcast");
}

TEST_F(GraphBuilderTest, NullTensorsHaveDefinedSizes) {
  GraphTensor null;
  EXPECT_TRUE(null.getShape().empty());
  EXPECT_EQ(null.getDim(0), 1);
  EXPECT_EQ(null.getChannels(), 1);
  EXPECT_EQ(null.getMapSize(), (Size2D{1, 1}));
  GraphTensor x = builder.input("x", {2, 8});
  EXPECT_EQ(x.getDim(-2), 2);
  EXPECT_EQ(x.getDim(2), 1);
  EXPECT_EQ(x.getDim(-3), 1);
}

TEST_F(GraphBuilderTest, AParameterNamedTwiceIsOneTensor) {
  GraphTensor x = builder.input("x", {2, 8});
  x = builder.add(x, builder.parameter("bias", {8}));
  x = builder.add(x, builder.parameter("bias", {8}));
  auto module = llvm::cantFail(builder.finish(x));
  EXPECT_THAT(describeOps(*module), ElementsAre("param net 8", "add net 2x8", "add net 2x8"));
}

TEST_F(GraphBuilderTest, AParameterOfTwoShapesIsAnError) {
  Scope scope(builder, "fc");
  builder.parameter("bias", {8});
  builder.parameter("bias", {9});
  EXPECT_EQ(finishWithError({}), "fc: parameter fc.bias is 8 elsewhere and 9 here");
}

TEST_F(GraphBuilderTest, ShapesThatKernelsCannotIndexAreErrors) {
  GraphTensor x = builder.input("x", {1, 65536, 1});
  {
    Scope scope(builder, "attn");
    x = builder.add(x, builder.input("y", {1, 1, 32768}));
  }
  EXPECT_EQ(finishWithError(x), "attn: oriel.add has the shape 1x65536x32768: more than 2147483647 "
                                "elements are not supported");
}

TEST_F(GraphBuilderTest, ShapesThatAreNotPositiveOrOverflowAreErrors) {
  builder.input("x", {2, 0});
  EXPECT_EQ(finishWithError({}), "net: x has the shape 2x0: every dimension must be positive");
  GraphBuilder other(context, "net");
  other.parameter("w", {int64_t{1} << 40, int64_t{1} << 40});
  EXPECT_EQ(toString(other.finish({}).takeError()),
            "net: w has the shape 1099511627776x1099511627776: more than 2147483647 elements are "
            "not supported");
}

TEST_F(GraphBuilderTest, AModelWithoutResultIsAnError) {
  EXPECT_EQ(finishWithError({}), "net: the model has no result");
}
