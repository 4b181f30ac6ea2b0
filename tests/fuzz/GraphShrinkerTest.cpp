//===- GraphShrinkerTest.cpp - Shrunk graphs are small and still fail -----===//

#include "tests/fuzz/GraphShrinker.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "tests/fuzz/GraphGenerator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

namespace {

class GraphShrinkerTest : public testing::Test {
protected:
  GraphShrinkerTest() { context.loadDialect<OrielDialect, func::FuncDialect>(); }

  /// The first drawn graph that fails, shrunk by its choices and then cut.
  OwningOpRef<ModuleOp> shrinkFirst(const StillFails &stillFails) {
    for (uint64_t seed = 0; seed < 1000; ++seed) {
      Choices choices(seed);
      OwningOpRef<ModuleOp> graph = generateGraph(context, choices);
      if (stillFails(*graph) && countOps(*graph) > 5) {
        Choices fewer(shrinkChoices(context, choices.getTaken(), stillFails, 1000).numbers);
        return sliceGraph(*generateGraph(context, fewer), stillFails);
      }
    }
    return {};
  }

  MLIRContext context;
};

template <typename Op>
bool contains(ModuleOp graph) {
  return graph.walk([](Op) { return WalkResult::interrupt(); }).wasInterrupted();
}

int64_t countElements(ModuleOp graph) {
  auto main = graph.lookupSymbol<func::FuncOp>("main");
  return cast<RankedTensorType>(main.getArgumentTypes()[0]).getNumElements();
}

} // namespace

TEST_F(GraphShrinkerTest, AFailureOfOneOpIsShrunkToThatOp) {
  OwningOpRef<ModuleOp> shrunk = shrinkFirst(contains<SoftmaxOp>);
  ASSERT_TRUE(shrunk);
  EXPECT_TRUE(succeeded(verify(*shrunk)));
  EXPECT_EQ(countOps(*shrunk), 1);
  EXPECT_EQ(countElements(*shrunk), 1);
}

TEST_F(GraphShrinkerTest, AnOpWithinALongChainIsCutOutOfIt) {
  OwningOpRef<ModuleOp> shrunk = shrinkFirst(contains<ShiftMaskOp>);
  ASSERT_TRUE(shrunk);
  EXPECT_TRUE(succeeded(verify(*shrunk)));
  EXPECT_TRUE(contains<ShiftMaskOp>(*shrunk));
  EXPECT_LE(countOps(*shrunk), 2);
}

TEST_F(GraphShrinkerTest, AFailureOfAShapeKeepsTheShape) {
  auto hasWideConvolution = [](ModuleOp graph) {
    return graph
        .walk([](Conv2DOp op) {
          bool isWide = op.getType().getShape().back() >= 17 && !op.isPointwise();
          return isWide ? WalkResult::interrupt() : WalkResult::advance();
        })
        .wasInterrupted();
  };
  OwningOpRef<ModuleOp> shrunk = shrinkFirst(hasWideConvolution);
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(countOps(*shrunk), 1);
  shrunk->walk([](Conv2DOp op) {
    // 17, or the multiple of the groups behind it.
    EXPECT_LE(op.getType().getShape().back(), 32);
    EXPECT_EQ(op.getType().getShape().drop_back(), (ArrayRef<int64_t>{1, 1, 1}));
  });
}

TEST_F(GraphShrinkerTest, TwoUsesOfAValueStay) {
  auto graph = parseSourceString<ModuleOp>(R"mlir(
    func.func @main(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x8xf32>, tensor<1x8xf32>) {
      %a = oriel.gelu %x : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
      %b = oriel.silu %a : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
      %c = oriel.scale %b {factor = 0.5 : f64} : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
      %d = oriel.add %b, %c : (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
      %e = oriel.roll %d {shift = array<i64: 1, 0>} : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
      %f = oriel.global_avg_pool %e : (tensor<1x4x4x8xf32>) -> tensor<1x8xf32>
      return %e, %f : tensor<1x4x4x8xf32>, tensor<1x8xf32>
    })mlir",
                                           &context);
  auto hasSharedSilu = [](ModuleOp module) {
    return module
        .walk([](SiluOp op) {
          return op->hasOneUse() || op.use_empty() ? WalkResult::advance()
                                                   : WalkResult::interrupt();
        })
        .wasInterrupted();
  };
  OwningOpRef<ModuleOp> sliced = sliceGraph(*graph, hasSharedSilu);
  EXPECT_TRUE(succeeded(verify(*sliced)));
  EXPECT_TRUE(hasSharedSilu(*sliced));
  EXPECT_LE(countOps(*sliced), 2);
}
