//===- KernelWorkTest.cpp - Counts of operations and bytes ----------------===//

#include "compiler/Kernels/KernelWork.h"

#include "tests/unit/compiler/Kernels/RegionBuilder.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

static constexpr int64_t batch = 3;

static KernelWork workOf(RegionBuilder &region) {
  return countWork(region.kernel, region.inputs, region.outputs);
}

TEST(KernelWork, CountsTheProductsAndTheGeluOfALinearLayer) {
  RegionBuilder region(batch);
  Value x = region.activation({10, 20}), w = region.parameter({30, 20});
  Value linear = region.make<LinearOp>(x, w, region.parameter({30}));
  region.yield(region.make<GeluOp>(linear));
  KernelWork work = workOf(region);
  EXPECT_EQ(work.flops, batch * 10 * 30 * 20 * 2);
  EXPECT_EQ(work.gelus, batch * 10 * 30);
  EXPECT_EQ(work.silus, 0);
  EXPECT_EQ(work.exponentials, 0);
}

TEST(KernelWork, TellsActivationsParametersAndResultsApart) {
  RegionBuilder region(batch);
  Value x = region.activation({10, 20}), w = region.parameter({30, 20});
  Value residual = region.activation({10, 30});
  Value linear = region.make<LinearOp>(x, w, region.parameter({30}));
  region.yield(region.make<AddOp>(linear, residual));
  KernelWork work = workOf(region);
  EXPECT_EQ(work.activationBytes, 4 * batch * (10 * 20 + 10 * 30));
  EXPECT_EQ(work.parameterBytes, 4 * (30 * 20 + 30));
  EXPECT_EQ(work.resultBytes, 4 * batch * 10 * 30);
  EXPECT_EQ(work.bytes(), work.activationBytes + work.parameterBytes + work.resultBytes);
}

TEST(KernelWork, CountsNeitherHaloNorPaddingOfRows) {
  auto bytesOf = [](Memory memory) {
    RegionBuilder region(batch);
    Value x = region.activation({6, 6, 20}, memory);
    region.yield(region.make<SiluOp>(x), memory);
    return workOf(region).bytes();
  };
  EXPECT_EQ(bytesOf(caller), 2 * 4 * batch * 6 * 6 * 20);
  EXPECT_EQ(bytesOf(arena), bytesOf(caller));
  EXPECT_EQ(bytesOf(withHalo(1)), bytesOf(caller));
}

TEST(KernelWork, CountsTwoBytesForAnElementOfFloat16) {
  RegionBuilder region(batch);
  Value x = region.activation({10, 20}), w = region.parameter({30, 20});
  Value image = region.activation({10, 30}, caller);
  region.yield(region.make<AddOp>(region.make<LinearOp>(x, w, Value()), image));
  region.storeAs(ElementType::F16);
  KernelWork work = workOf(region);
  EXPECT_EQ(work.activationBytes, 2 * batch * 10 * 20 + 4 * batch * 10 * 30);
  EXPECT_EQ(work.parameterBytes, 2 * 30 * 20);
  EXPECT_EQ(work.resultBytes, 2 * batch * 10 * 30);
}

TEST(KernelWork, CountsADepthwiseConvolutionByItsTaps) {
  RegionBuilder region(batch);
  Value x = region.activation({8, 8, 16});
  Value w = region.parameter({16, 1, 3, 3}, /*packed=*/true, /*depthwise=*/true);
  Value conv = region.make<Conv2DOp>(x, w, region.parameter({16}), region.array({2, 2}),
                                     region.array({1, 1}), 16);
  region.yield(region.make<SiluOp>(conv));
  KernelWork work = workOf(region);
  EXPECT_EQ(work.flops, batch * 4 * 4 * 16 * 9 * 2);
  EXPECT_EQ(work.silus, batch * 4 * 4 * 16);
}

TEST(KernelWork, CountsAnExponentialForEachElementOfASoftmax) {
  RegionBuilder region(batch);
  Value x = region.activation({2, 9, 49});
  region.yield(region.make<SoftmaxOp>(x));
  KernelWork work = workOf(region);
  EXPECT_EQ(work.exponentials, batch * 2 * 9 * 49);
  EXPECT_EQ(work.flops, 0);
}
