//===- DepthwiseConvolutionTest.cpp - One filter for each channel ---------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

namespace {

struct Case {
  int64_t height, width, channels;
  std::vector<int64_t> filter{3, 3}, strides{1, 1}, padding{1, 1};
  Memory input = arena, output = arena;
  bool packed = true, bias = true, silu = false;
};

void expectConvolves(const Case &c) {
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({c.height, c.width, c.channels}, c.input);
        Value filter = region.parameter({c.channels, 1, c.filter[0], c.filter[1]}, c.packed,
                                        /*depthwise=*/true);
        Value bias = c.bias ? region.parameter({c.channels}) : Value();
        Value y = region.make<Conv2DOp>(x, filter, bias, region.array(c.strides),
                                        region.array(c.padding), c.channels);
        region.yield(c.silu ? Value(region.make<SiluOp>(y)) : y, c.output);
      },
      "depthwise");
}

} // namespace

TEST(DepthwiseConvolution, TakesAnyMap) {
  for (bool silu : {false, true}) {
    expectConvolves({.height = 5, .width = 1, .channels = 16, .silu = silu});
    expectConvolves({.height = 1, .width = 3, .channels = 17, .silu = silu});
    expectConvolves({.height = 17, .width = 23, .channels = 40, .bias = silu, .silu = silu});
  }
}

TEST(DepthwiseConvolution, TakesStrides) {
  for (bool silu : {false, true}) {
    expectConvolves({.height = 16, .width = 16, .channels = 48, .strides = {2, 2}, .silu = silu});
    expectConvolves({.height = 7, .width = 11, .channels = 16, .strides = {2, 3}, .silu = silu});
  }
}

TEST(DepthwiseConvolution, TakesAnyFilterAndPadding) {
  expectConvolves({.height = 12,
                   .width = 12,
                   .channels = 24,
                   .filter = {5, 5},
                   .padding = {2, 2},
                   .silu = true});
  expectConvolves({.height = 9,
                   .width = 9,
                   .channels = 16,
                   .filter = {7, 7},
                   .strides = {2, 2},
                   .padding = {3, 3}});
  expectConvolves({.height = 9, .width = 12, .channels = 16, .filter = {3, 2}, .padding = {0, 1}});
  expectConvolves({.height = 9, .width = 12, .channels = 16, .padding = {0, 0}, .silu = true});
}

TEST(DepthwiseConvolution, CutsChannelsIntoBlocks) {
  expectConvolves({.height = 3, .width = 70, .channels = 96, .silu = true});
  expectConvolves({.height = 3, .width = 70, .channels = 112});
}

TEST(DepthwiseConvolution, ReadsThroughAHalo) {
  for (int64_t halo : {1, 2}) {
    expectConvolves({.height = 6,
                     .width = 10,
                     .channels = 24,
                     .input = withHalo(halo),
                     .output = withHalo(1),
                     .silu = halo == 1});
  }
  expectConvolves({.height = 6,
                   .width = 10,
                   .channels = 24,
                   .filter = {5, 5},
                   .padding = {2, 2},
                   .input = withHalo(1)});
}

TEST(DepthwiseConvolution, KeepsInsideOfTheCallersMemory) {
  for (bool silu : {false, true}) {
    expectConvolves(
        {.height = 5, .width = 7, .channels = 20, .input = caller, .output = caller, .silu = silu});
    expectConvolves({.height = 5, .width = 7, .channels = 20, .input = caller, .silu = silu});
    expectConvolves({.height = 5, .width = 7, .channels = 37, .output = caller, .silu = silu});
  }
}

TEST(DepthwiseConvolution, RunsAnEpilogue) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({6, 9, 40}), y = region.activation({6, 9, 40});
        Value filter = region.parameter({40, 1, 3, 3}, /*packed=*/true, /*depthwise=*/true);
        Value convolved = region.make<Conv2DOp>(x, filter, Value(), region.array({1, 1}),
                                                region.array({1, 1}), 40);
        region.yield(region.make<GeluOp>(region.make<AddOp>(y, convolved)));
      },
      "depthwise");
}

TEST(DepthwiseConvolution, ReadsAFilterThatIsNotPacked) {
  expectConvolves({.height = 5, .width = 7, .channels = 12, .packed = false});
}
