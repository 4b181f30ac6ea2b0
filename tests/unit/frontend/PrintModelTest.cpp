//===- PrintModelTest.cpp - The tree of layers ----------------------------===//

#include "frontend/PrintModel.h"

#include "frontend/GraphBuilder.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace oriel;

static std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printModel(module, os);
  return text;
}

TEST(PrintModelTest, PrintsTheTreeWithShapesAndParameters) {
  mlir::MLIRContext context;
  GraphBuilder builder(context, "net");
  GraphTensor x = builder.permute(builder.input("image", {1, 3, 4, 4}), {0, 2, 3, 1});
  {
    Scope stem(builder, "stem");
    {
      Scope conv(builder, "conv");
      x = builder.conv2d(x, builder.parameter("weight", {2, 3, 3, 3}), {}, {.padding = {1, 1}});
    }
    {
      Scope norm(builder, "bn");
      x = builder.batchNorm(x, builder.parameter("weight", {2}), builder.parameter("bias", {2}),
                            builder.parameter("running_mean", {2}),
                            builder.parameter("running_var", {2}), 1e-5);
    }
    x = builder.silu(x);
  }
  x = builder.globalAvgPool(x);
  {
    Scope head(builder, "head.fc");
    x = builder.linear(x, builder.parameter("weight", {5, 2}), builder.parameter("bias", {5}));
  }
  auto module = llvm::cantFail(builder.finish(x));
  EXPECT_EQ(print(*module),
            "net(\n"
            "  permute(permutation=0x2x3x1) -> 1x4x4x3\n"
            "  (stem): 58 parameters (\n"
            "    (conv): conv2d(2x3x3x3, groups=1, padding=1x1, strides=1x1) -> 1x4x4x2, 54 "
            "parameters\n"
            "    (bn): batch_norm(2, 2, 2, 2, epsilon=1e-05) -> 1x4x4x2, 4 parameters\n"
            "    silu() -> 1x4x4x2\n"
            "  )\n"
            "  global_avg_pool() -> 1x2\n"
            "  (head): 15 parameters (\n"
            "    (fc): linear(5x2, 5) -> 1x5, 15 parameters\n"
            "  )\n"
            ")\n"
            "total: 73 parameters\n");
}

TEST(PrintModelTest, AParameterUsedTwiceCountsOnce) {
  mlir::MLIRContext context;
  GraphBuilder builder(context, "net");
  GraphTensor x = builder.input("x", {1, 4});
  x = builder.add(x, builder.parameter("bias", {4}));
  x = builder.add(x, builder.parameter("bias", {4}));
  auto module = llvm::cantFail(builder.finish(x));
  EXPECT_EQ(countParameters(*module), 4);
}
