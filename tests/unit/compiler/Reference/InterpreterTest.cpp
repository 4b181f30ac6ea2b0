//===- InterpreterTest.cpp - Functions, kernels, parameters, errors -------===//

#include "tests/unit/compiler/Reference/EvaluateText.h"

#include "compiler/Dialect/Graph/GraphDialect.h"

using namespace oriel;
using namespace oriel::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(InterpreterTest, ReturnsAllResults) {
  auto evaluation = evaluateText(R"(
    func.func @main(%a: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
      %b = oriel.scale %a {factor = 2.0 : f64} : (tensor<2xf32>) -> tensor<2xf32>
      return %b, %a : tensor<2xf32>, tensor<2xf32>
    })",
                                 {Tensor({2}, {1, 2})});
  ASSERT_EQ(evaluation.error, "");
  ASSERT_EQ(evaluation.results.size(), 2u);
  EXPECT_THAT(evaluation.results[0].values, ElementsAre(2, 4));
  EXPECT_THAT(evaluation.results[1].values, ElementsAre(1, 2));
}

TEST(InterpreterTest, AValueMayBeUsedTwiceByOneOp) {
  auto evaluation = evaluateText(R"(
    func.func @main(%a: tensor<2xf32>) -> tensor<2xf32> {
      %b = oriel.add %a, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %c = oriel.add %b, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      return %c : tensor<2xf32>
    })",
                                 {Tensor({2}, {1, 2})});
  ASSERT_EQ(evaluation.error, "");
  EXPECT_THAT(evaluation.results[0].values, ElementsAre(3, 6));
}

TEST(InterpreterTest, KernelRegionsMeanWhatTheirOpsMean) {
  auto evaluation =
      evaluateText(R"(
    func.func @main(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x1xf32>) {
      %w = oriel.param "w" : tensor<1x2xf32>
      %r:2 = oriel.kernel (%a = %x : tensor<1x2xf32>, %f = %w : tensor<1x2xf32>) -> tensor<1x2xf32>, tensor<1x1xf32> {
        %d = oriel.scale %a {factor = 2.0 : f64} : (tensor<1x2xf32>) -> tensor<1x2xf32>
        %y = oriel.linear %d, %f : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
        oriel.yield %d, %y : tensor<1x2xf32>, tensor<1x1xf32>
      }
      return %r#0, %r#1 : tensor<1x2xf32>, tensor<1x1xf32>
    })",
                   {Tensor({1, 2}, {1, 2})}, LiteralParameters({{"w", Tensor({1, 2}, {1, 100})}}));
  ASSERT_EQ(evaluation.error, "");
  EXPECT_THAT(evaluation.results[0].values, ElementsAre(2, 4));
  EXPECT_THAT(evaluation.results[1].values, ElementsAre(402));
}

static constexpr char preparedModule[] = R"(
    func.func @prepare() {
      %w = oriel.param "w" : tensor<2x1xf32>
      %s = oriel.param "s" : tensor<2xf32>
      %r = oriel.scale_filters %w, %s : (tensor<2x1xf32>, tensor<2xf32>) -> tensor<2x1xf32>
      %p = oriel.pack %r : (tensor<2x1xf32>) -> tensor<2x1xf32, #oriel.panels>
      oriel.store_prepared %p, "w.scaled" : tensor<2x1xf32, #oriel.panels>
      return
    }
    func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
      %w = oriel.prepared "w.scaled" : tensor<2x1xf32, #oriel.panels>
      %y = oriel.linear %x, %w : (tensor<1x1xf32>, tensor<2x1xf32, #oriel.panels>) -> tensor<1x2xf32>
      return %y : tensor<1x2xf32>
    })";

static LiteralParameters preparedParameters() {
  return LiteralParameters({{"w", Tensor({2, 1}, {3, 5})}, {"s", Tensor({2}, {10, 100})}});
}

TEST(InterpreterTest, PrepareRunsFirstAndPackingChangesNoValue) {
  auto evaluation = evaluateText(preparedModule, {Tensor({1, 1}, {2})}, preparedParameters());
  ASSERT_EQ(evaluation.error, "");
  EXPECT_THAT(evaluation.results[0].values, ElementsAre(60, 1000));
}

TEST(InterpreterTest, ObserverSeesEachOpOnceInOrder) {
  std::vector<std::pair<std::string, float>> seen;
  evaluateText(preparedModule, {Tensor({1, 1}, {2})}, preparedParameters(),
               [&](mlir::Value value, const Tensor &tensor) {
                 seen.emplace_back(value.getDefiningOp()->getName().getStringRef(),
                                   tensor.values[0]);
               });
  EXPECT_THAT(seen, ElementsAre(Pair("oriel.param", 3), Pair("oriel.param", 10),
                                Pair("oriel.scale_filters", 30), Pair("oriel.pack", 30),
                                Pair("oriel.prepared", 30), Pair("oriel.linear", 60)));
}

TEST(InterpreterTest, MissingParameterIsAnErrorThatNamesIt) {
  auto evaluation = evaluateText(preparedModule, {Tensor({1, 1}, {2})},
                                 LiteralParameters({{"w", Tensor({2, 1}, {3, 5})}}));
  EXPECT_THAT(evaluation.error, HasSubstr("'s'"));
}

TEST(InterpreterTest, ParameterOfAnotherShapeIsAnError) {
  auto evaluation = evaluateText(preparedModule, {Tensor({1, 1}, {2})},
                                 LiteralParameters({{"w", Tensor({1, 2}, {3, 5})}}));
  EXPECT_THAT(evaluation.error, HasSubstr("'w'"));
}

TEST(InterpreterTest, EntryThatPrepareDoesNotStoreIsAnError) {
  auto evaluation = evaluateText(R"(
    func.func @main() -> tensor<1xf32> {
      %w = oriel.prepared "absent" : tensor<1xf32>
      return %w : tensor<1xf32>
    })",
                                 {});
  EXPECT_THAT(evaluation.error, HasSubstr("'absent'"));
}

TEST(InterpreterTest, ArgumentsOfOtherShapesOrNumbersAreAnError) {
  auto tooLong = evaluateText(preparedModule, {Tensor({1, 2}, {2, 2})}, preparedParameters());
  EXPECT_THAT(tooLong.error, HasSubstr("other shapes"));
  auto tooMany = evaluateText(preparedModule, {Tensor({1, 1}, {2}), Tensor({1, 1}, {2})},
                              preparedParameters());
  EXPECT_THAT(tooMany.error, HasSubstr("other shapes"));
}

TEST(InterpreterTest, OpOfAnotherDialectIsAnError) {
  auto evaluation = evaluateText(R"(
    func.func private @helper()
    func.func @main() {
      func.call @helper() : () -> ()
      return
    })",
                                 {});
  EXPECT_THAT(evaluation.error, HasSubstr("does not know this op"));
}
