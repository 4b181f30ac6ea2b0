//===- FusionTest.cpp - Why two kernels are two ---------------------------===//

#include "compiler/Transforms/Fusion.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;

namespace {

/// A chain whose second value is a result, too.
constexpr const char *text = R"(
func.func @main(%x: tensor<1x8x8x4xf32>) -> (tensor<1x4xf32>, tensor<1x8x8x4xf32>) {
  %w = oriel.param "w" : tensor<4x4x3x3xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x8x8x4xf32>
  %s = oriel.silu %c : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %g = oriel.gelu %s : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %p = oriel.global_avg_pool %g : (tensor<1x8x8x4xf32>) -> tensor<1x4xf32>
  return %p, %s : tensor<1x4xf32>, tensor<1x8x8x4xf32>
}
)";

class FusionTest : public testing::Test {
protected:
  FusionTest() {
    context.loadDialect<OrielDialect, func::FuncDialect>();
    module = parseSourceString<ModuleOp>(text, &context);
  }

  template <typename Op>
  Op find() {
    return *module->lookupSymbol<func::FuncOp>("main").getOps<Op>().begin();
  }

  static std::string print(ModuleOp module) {
    std::string result;
    llvm::raw_string_ostream(result) << module;
    return result;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

} // namespace

TEST_F(FusionTest, ABoundaryIsExplainedByWhatTheKernelsCannotDo) {
  EXPECT_THAT(explainBoundary(find<GeluOp>(), find<GlobalAvgPoolOp>()),
              testing::HasSubstr("global_avg_pool"));
  EXPECT_EQ(explainBoundary(find<SiluOp>(), find<GeluOp>()),
            "an intermediate result has other readers");
}

TEST_F(FusionTest, ABoundaryThatNoPassCrossesIsSaidToBeOne) {
  EXPECT_EQ(explainBoundary(find<Conv2DOp>(), find<SiluOp>()),
            "one kernel could compute both, but no pass joins them");
}

TEST_F(FusionTest, ExplainingChangesNothing) {
  std::string before = print(*module);
  (void)explainBoundary(find<Conv2DOp>(), find<SiluOp>());
  (void)explainBoundary(find<GeluOp>(), find<GlobalAvgPoolOp>());
  EXPECT_EQ(print(*module), before);
  EXPECT_TRUE(succeeded(verify(*module)));
}
