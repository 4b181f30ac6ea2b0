//===- RemarksTest.cpp - Remarks reach their collector --------------------===//

#include "compiler/Transforms/Remarks.h"
#include "compiler/Dialect/Graph/GraphDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;

namespace {

class RemarksTest : public testing::Test {
protected:
  RemarksTest() {
    context.loadDialect<OrielDialect>();
    OpBuilder builder(&context);
    auto location = NameLoc::get(builder.getStringAttr("stem.conv"));
    auto type = RankedTensorType::get({1}, builder.getF32Type());
    op = ParamOp::create(builder, location, type, "w");
  }

  MLIRContext context;
  OwningOpRef<ParamOp> op;
};

} // namespace

TEST_F(RemarksTest, CollectorSeesKindPassLayerAndText) {
  std::vector<FusionRemark> remarks;
  ASSERT_TRUE(succeeded(collectFusionRemarks(
      context, [&](const FusionRemark &remark) { remarks.push_back(remark); })));
  remarkNotFused(*op, "fuse-concat", "concat has several readers");
  remarkGain(*op, "fuse-attention", "64 bytes of window movement became index maps", 64);
  remarkFused(*op, "fuse-conv-silu", "conv2d, silu are one kernel", {"stem.conv", "stem.act"});
  ASSERT_EQ(remarks.size(), 3u);
  EXPECT_EQ(remarks[0].kind, FusionRemark::Kind::NotFused);
  EXPECT_EQ(remarks[0].pass, "fuse-concat");
  EXPECT_EQ(remarks[0].layer, "stem.conv");
  EXPECT_EQ(remarks[0].text, "concat has several readers");
  EXPECT_EQ(remarks[1].kind, FusionRemark::Kind::Gain);
  EXPECT_EQ(remarks[1].text, "64 bytes of window movement became index maps");
  EXPECT_EQ(remarks[1].savedBytes, 64);
  EXPECT_TRUE(remarks[1].layers.empty());
  EXPECT_EQ(remarks[2].kind, FusionRemark::Kind::Fused);
  EXPECT_EQ(remarks[2].text, "conv2d, silu are one kernel");
  EXPECT_EQ(remarks[2].layers, (std::vector<std::string>{"stem.conv", "stem.act"}));
}

TEST_F(RemarksTest, AContextHasOneCollector) {
  auto ignore = [](const FusionRemark &) {};
  ASSERT_TRUE(succeeded(collectFusionRemarks(context, ignore)));
  EXPECT_TRUE(failed(collectFusionRemarks(context, ignore)));
}

TEST_F(RemarksTest, WithoutCollectorRemarksAreDropped) {
  std::string diagnostic;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &each) { diagnostic = each.str(); });
  remarkNotFused(*op, "fuse-concat", "concat has several readers");
  EXPECT_EQ(diagnostic, "");
}
