//===- InvertedResidualTest.cpp - MobileNetV2's block in one kernel -------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

namespace {

struct BlockShape {
  int64_t height, width, inputs, channels, outputs;
  std::array<int64_t, 2> filter = {3, 3}, strides = {1, 1}, padding = {1, 1};
  bool bias = true, packed = true;
};

/// Devices have no such kernel: fusion leaves the parts alone there.
class InvertedResidual : public testing::Test {
protected:
  void SetUp() override {
    const char *targets = getenv("ORIEL_TEST_TARGETS");
    if (targets && StringRef(targets) == "opencl") {
      GTEST_SKIP() << "devices have no kernel of this family";
    }
  }
};

} // namespace

static Value makePointwise(RegionBuilder &region, Value input, int64_t outputs, int64_t inputs,
                           const BlockShape &block) {
  Value w = region.parameter({outputs, inputs, 1, 1}, block.packed);
  Value bias = block.bias ? region.parameter({outputs}, block.packed) : Value();
  return region.make<Conv2DOp>(input, w, bias, region.array({1, 1}), region.array({0, 0}), 1);
}

static Value makeDepthwise(RegionBuilder &region, Value input, const BlockShape &block) {
  int64_t channels = block.channels;
  Value w = region.parameter({channels, 1, block.filter[0], block.filter[1]}, block.packed,
                             /*depthwise=*/true);
  Value bias = block.bias ? region.parameter({channels}, block.packed) : Value();
  return region.make<Conv2DOp>(input, w, bias, region.array(block.strides),
                               region.array(block.padding), channels);
}

static Value makeBlock(RegionBuilder &region, Value x, const BlockShape &block) {
  Value expanded = makePointwise(region, x, block.channels, block.inputs, block);
  Value filtered = makeDepthwise(region, region.make<SiluOp>(expanded), block);
  return makePointwise(region, region.make<SiluOp>(filtered), block.outputs, block.channels, block);
}

static void expectBlockComputes(const BlockShape &block, Memory memory = arena) {
  SCOPED_TRACE(std::to_string(block.height) + "x" + std::to_string(block.width) + ", " +
               std::to_string(block.inputs) + " -> " + std::to_string(block.channels) + " -> " +
               std::to_string(block.outputs) + ", filter " + std::to_string(block.filter[0]) + "x" +
               std::to_string(block.filter[1]));
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({block.height, block.width, block.inputs}, memory);
        region.yield(makeBlock(region, x, block), memory);
      },
      "inverted-residual");
}

TEST_F(InvertedResidual, ComputesMapsAndChannelsOfAnySize) {
  for (const BlockShape &block :
       {BlockShape{1, 1, 16, 32, 16}, BlockShape{2, 5, 3, 7, 5}, BlockShape{7, 9, 21, 42, 10},
        BlockShape{13, 17, 24, 72, 40}, BlockShape{32, 32, 16, 64, 32}}) {
    expectBlockComputes(block);
  }
}

TEST_F(InvertedResidual, TakesLinesInStrides) {
  for (int64_t height : {6, 7, 19}) {
    expectBlockComputes({height, 11, 16, 48, 24, {3, 3}, {2, 2}});
    expectBlockComputes({height, 8, 8, 16, 16, {3, 3}, {2, 1}});
    expectBlockComputes({height, 13, 8, 16, 16, {3, 3}, {3, 4}});
  }
}

TEST_F(InvertedResidual, TakesFiltersAndBordersOfAnySize) {
  expectBlockComputes({14, 10, 16, 32, 16, {5, 5}, {1, 1}, {2, 2}});
  expectBlockComputes({14, 10, 16, 32, 16, {5, 3}, {2, 1}, {2, 1}});
  expectBlockComputes({9, 9, 16, 32, 16, {7, 7}, {1, 1}, {3, 3}});
  expectBlockComputes({9, 9, 16, 32, 16, {3, 3}, {1, 1}, {0, 0}});
  expectBlockComputes({9, 9, 16, 32, 16, {2, 4}, {1, 1}, {1, 3}});
  expectBlockComputes({9, 9, 16, 32, 16, {3, 3}, {1, 1}, {3, 3}});
  expectBlockComputes({9, 9, 16, 32, 16, {1, 3}, {2, 1}, {0, 1}});
}

TEST_F(InvertedResidual, ReadsAndWritesTheCallersMemoryAndHalos) {
  for (Memory memory : {caller, withHalo(1)}) {
    expectBlockComputes({7, 9, 21, 42, 10}, memory);
    expectBlockComputes({8, 12, 16, 64, 32, {3, 3}, {2, 2}}, memory);
    // Lines of one tile of the filter.
    expectBlockComputes({16, 7, 16, 16, 16, {3, 3}, {2, 2}}, memory);
    expectBlockComputes({9, 4, 16, 32, 16}, memory);
  }
}

TEST_F(InvertedResidual, AddsTheResidualAfterItsEpilogue) {
  for (Memory memory : {arena, caller}) {
    BlockShape block{11, 13, 24, 72, 24};
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({block.height, block.width, block.inputs}, memory);
          Value y = region.make<GeluOp>(makeBlock(region, x, block));
          region.yield(region.make<AddOp>(x, y), memory);
        },
        "inverted-residual");
  }
}

TEST_F(InvertedResidual, TakesParametersThatAreNotInPanelsAndNoBias) {
  BlockShape block{9, 7, 12, 40, 20};
  block.packed = false;
  expectBlockComputes(block);
  block = {9, 7, 12, 40, 20};
  block.bias = false;
  expectBlockComputes(block);
}
