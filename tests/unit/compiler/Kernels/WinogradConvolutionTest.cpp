//===- WinogradConvolutionTest.cpp - 3x3 convolutions by tiles ------------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

namespace {

struct Case {
  int64_t height, width, inputs, outputs;
  std::vector<int64_t> padding{1, 1};
  Memory input = arena, output = arena;
  bool packed = true, bias = true;
};

Value makeConvolution(RegionBuilder &region, Value input, int64_t inputs, const Case &c) {
  Value filter = region.parameter({c.outputs, inputs, 4, 4}, c.packed);
  Value bias = c.bias ? region.parameter({c.outputs}) : Value();
  return region.make<WinogradConv2DOp>(input, filter, bias, region.array(c.padding));
}

void expectConvolves(const Case &c) {
  SCOPED_TRACE(std::to_string(c.height) + "x" + std::to_string(c.width) + "x" +
               std::to_string(c.inputs) + " to " + std::to_string(c.outputs));
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({c.height, c.width, c.inputs}, c.input);
        region.yield(makeConvolution(region, x, c.inputs, c), c.output);
      },
      "winograd");
}

} // namespace

TEST(WinogradConvolution, TakesAnyMapAndNumberOfChannels) {
  expectConvolves({.height = 8, .width = 8, .inputs = 16, .outputs = 32});
  expectConvolves({.height = 1, .width = 1, .inputs = 3, .outputs = 5});
  expectConvolves({.height = 7, .width = 9, .inputs = 20, .outputs = 24, .bias = false});
  expectConvolves({.height = 33, .width = 14, .inputs = 17, .outputs = 48});
}

TEST(WinogradConvolution, TakesAnyPadding) {
  expectConvolves({.height = 6, .width = 5, .inputs = 8, .outputs = 16, .padding = {0, 0}});
  expectConvolves({.height = 3, .width = 6, .inputs = 8, .outputs = 16, .padding = {2, 1}});
}

TEST(WinogradConvolution, CutsManyChannelsIntoTasks) {
  expectConvolves({.height = 4, .width = 4, .inputs = 320, .outputs = 160});
}

TEST(WinogradConvolution, ReadsAndWritesTheCallersMemory) {
  for (int64_t channels : {5, 16, 24}) {
    expectConvolves({.height = 5,
                     .width = 7,
                     .inputs = channels,
                     .outputs = channels,
                     .input = caller,
                     .output = caller});
  }
}

TEST(WinogradConvolution, ReadsNothingFarBehindAMapWithoutPadding) {
  for (int64_t width : {16, 20, 24, 28}) {
    expectConvolves({.height = 31, .width = width, .inputs = 1, .outputs = 16, .padding = {0, 0}});
  }
}

TEST(WinogradConvolution, ReadsAndStoresThroughHalos) {
  expectConvolves({.height = 6,
                   .width = 9,
                   .inputs = 16,
                   .outputs = 16,
                   .input = withHalo(1),
                   .output = withHalo(2)});
}

TEST(WinogradConvolution, TakesFiltersThatAreNotInPanels) {
  expectConvolves({.height = 6, .width = 6, .inputs = 9, .outputs = 20, .packed = false});
}

TEST(WinogradConvolution, JoinsTheOperandsOfAConcatAndAppliesAnEpilogue) {
  for (Memory memory : {arena, caller}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value a = region.activation({7, 8, 24}, memory), b = region.activation({7, 8, 9});
          Value y = makeConvolution(region, region.make<ConcatOp>(ValueRange{a, b}), 33,
                                    {.height = 7, .width = 8, .inputs = 33, .outputs = 40});
          Value residual = region.activation({7, 8, 40}, memory);
          region.yield(region.make<AddOp>(region.make<SiluOp>(y), residual));
        },
        "winograd");
  }
}
