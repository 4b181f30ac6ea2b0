//===- ReferencesTest.cpp -------------------------------------------------===//

#include "tools/oriel-compare/References.h"

#include "compiler/Pipeline/Compiler.h"
#include "frontend/RandomParameters.h"
#include "tests/unit/compiler/Target/TestFolder.h"
#include "tools/oriel-compare/CompiledCase.h"
#include "tools/oriel-compare/SavedCase.h"

#include "mlir/Parser/Parser.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <numeric>

using namespace mlir;
using namespace oriel;
using oriel::test::TestFolder;
using testing::ElementsAre;

static Tensor counting(std::vector<int64_t> shape) {
  Tensor tensor = Tensor::zeros(shape);
  std::iota(tensor.values.begin(), tensor.values.end(), 0.0F);
  return tensor;
}

TEST(References, ChannelsComeLast) {
  // [1, C, H, W] = [1, 3, 1, 2].
  auto moved =
      toChannelLast(counting({1, 3, 1, 2}), Tensor::zeros(std::vector<int64_t>{1, 1, 2, 3}), 1);
  ASSERT_TRUE(moved);
  EXPECT_THAT(moved->values, ElementsAre(0, 2, 4, 1, 3, 5));
}

TEST(References, OtherGroupingsOfPositionsAndMoreItemsAreTaken) {
  Tensor value = Tensor::zeros(std::vector<int64_t>{1, 2, 2, 3});
  auto tokens = toChannelLast(counting({2, 4, 3}), value, 1);
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->shape, value.shape);
  EXPECT_EQ(tokens->values, counting({12}).values);
  auto vector = toChannelLast(counting({1, 4, 1, 1}), Tensor::zeros(std::vector<int64_t>{1, 4}), 1);
  ASSERT_TRUE(vector);
  EXPECT_THAT(vector->values, ElementsAre(0, 1, 2, 3));
}

TEST(References, WhereBothLayoutsFitTheNearerIsTaken) {
  Tensor reference = counting({1, 2, 2, 2});
  Tensor first({1, 2, 2, 2}, {0, 4, 1, 5, 2, 6, 3, 7});
  EXPECT_EQ(toChannelLast(reference, reference, 1)->values, reference.values);
  EXPECT_EQ(toChannelLast(reference, first, 1)->values, first.values);
}

/// Writes tensors of these names and shapes as the parameters of a module.
static std::string writeTensors(const TestFolder &folder, MLIRContext &context,
                                const std::vector<ParameterShape> &shapes);

static constexpr const char *model = R"(
func.func @main(%x: tensor<2x4x4x3xf32>) -> tensor<2x3xf32> {
  %s = oriel.silu %x : (tensor<2x4x4x3xf32>) -> tensor<2x4x4x3xf32> loc("a.b.act")
  %g = oriel.gelu %s : (tensor<2x4x4x3xf32>) -> tensor<2x4x4x3xf32> loc("a.bc")
  %p = oriel.global_avg_pool %g : (tensor<2x4x4x3xf32>) -> tensor<2x3xf32> loc("pool")
  return %p : tensor<2x3xf32>
})";

namespace {
class ReferenceFiles : public testing::Test {
protected:
  void SetUp() override {
    DialectRegistry registry;
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    module = parseSourceString<ModuleOp>(model, &context);
    ASSERT_TRUE(module);
  }

  /// What is found of a file with zeros of these names and shapes.
  std::vector<LayerReference> read(const std::vector<ParameterShape> &shapes) {
    return readReferences(writeTensors(folder, context, shapes), *module);
  }

  TestFolder folder;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

static std::string writeTensors(const TestFolder &folder, MLIRContext &context,
                                const std::vector<ParameterShape> &shapes) {
  OpBuilder builder(&context);
  context.loadDialect<OrielDialect, func::FuncDialect>();
  OwningOpRef<ModuleOp> module(ModuleOp::create(builder.getUnknownLoc()));
  builder.setInsertionPointToStart(module->getBody());
  for (const ParameterShape &parameter : shapes) {
    ParamOp::create(builder, builder.getUnknownLoc(),
                    RankedTensorType::get(parameter.shape, builder.getF32Type()), parameter.name);
  }
  auto saved = writeSavedCase(folder.file("file.mlir"), *module, RandomParameters(1, shapes), {});
  EXPECT_TRUE(bool(saved));
  return saved ? saved->weights : "";
}

TEST_F(ReferenceFiles, ComeInTheModelsOrderWithTheLastValueOfEachLayer) {
  auto references =
      read({{"a", {2, 3, 4, 4}}, {"a.b", {1, 16, 3}}, {"c", {7}}, {"pool", {2, 3, 1, 1}}});
  ASSERT_EQ(references.size(), 4U);
  EXPECT_EQ(references[0].name, "a.b");
  EXPECT_TRUE(references[0].output.getDefiningOp<SiluOp>());
  EXPECT_EQ(references[0].items, 1);
  EXPECT_EQ(references[1].name, "a");
  EXPECT_TRUE(references[1].output.getDefiningOp<GeluOp>());
  EXPECT_EQ(references[1].items, 2);
  EXPECT_TRUE(references[2].output.getDefiningOp<GlobalAvgPoolOp>());
  EXPECT_EQ(references[3].reason, "the model has no layer of this name");
}

TEST_F(ReferenceFiles, OfOtherSizesOrOtherLayersAreErrorsOfOneLine) {
  auto errorOf = [&](const std::vector<ParameterShape> &shapes) {
    try {
      read(shapes);
    } catch (const ToolError &error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(errorOf({{"a", {1, 5, 4, 4}}}),
              testing::HasSubstr("reference 'a' is of 1x5x4x4, the layer's output of 2x4x4x3: "));
  EXPECT_THAT(errorOf({{"a", {1, 4, 3, 4}}}), testing::HasSubstr("is of 1x4x3x4"));
  EXPECT_THAT(errorOf({{"d", {1}}, {"e", {1}}}), testing::HasSubstr("none of the 2 tensors of"));
}
