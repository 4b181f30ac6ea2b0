#include "compiler/Dialect/Graph/ParameterStorage.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"

using namespace oriel;
using testing::ElementsAre;

namespace {

class ParameterStorageTest : public testing::Test {
protected:
  ParameterStorageTest() {
    context.loadDialect<OrielDialect>();
    dense = PanelsAttr::get(&context);
    depthwise = PanelsAttr::get(&context, true);
  }
  mlir::RankedTensorType type(llvm::ArrayRef<int64_t> shape, mlir::Attribute encoding = {}) {
    return mlir::RankedTensorType::get(shape, mlir::Float32Type::get(&context), encoding);
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  PanelsAttr dense, depthwise;
};

TEST_F(ParameterStorageTest, RoundsOutputsUpToPanels) {
  EXPECT_THAT(getStorageShape(type({384, 96}, dense)), ElementsAre(24, 96, 16));
  EXPECT_THAT(getStorageShape(type({1000, 3}, dense)), ElementsAre(63, 3, 16));
  EXPECT_THAT(getStorageShape(type({20, 3, 5, 7}, dense)), ElementsAre(2, 5, 7, 3, 16));
  EXPECT_THAT(getStorageShape(type({17}, dense)), ElementsAre(32));
}

TEST_F(ParameterStorageTest, TellsDepthwiseFiltersFromDenseOnesOfOneChannel) {
  EXPECT_THAT(getStorageShape(type({24, 1, 3, 5}, dense)), ElementsAre(2, 3, 5, 1, 16));
  EXPECT_THAT(getStorageShape(type({24, 1, 3, 5}, depthwise)), ElementsAre(3, 5, 32));
}

TEST_F(ParameterStorageTest, RoundsRowsUpWithoutPacking) {
  EXPECT_THAT(getStorageShape(type({4, 3, 49, 49})), ElementsAre(4, 3, 49, 64));
  EXPECT_THAT(getStorageShape(type({16, 32})), ElementsAre(16, 32));
  EXPECT_THAT(getStorageShape(type({})), ElementsAre(16));
}

TEST_F(ParameterStorageTest, CountsThePadding) {
  EXPECT_EQ(getStorageSize(type({20, 3}, dense)), 2 * 3 * 16);
  EXPECT_EQ(getStorageSize(type({2, 17})), 64);
}

} // namespace
