//===- ConvolutionTest.cpp - Dense and grouped convolutions ---------------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

namespace {

/// One convolution of a [height, width, inputs] map and where it lies in memory.
struct Case {
  int64_t height, width, inputs, outputs;
  std::vector<int64_t> filter{3, 3}, strides{1, 1}, padding{1, 1};
  int64_t groups = 1;
  Memory input = arena, output = arena;
  bool packed = true, bias = true;
};

Value makeConvolution(RegionBuilder &region, Value input, const Case &c) {
  Value filter =
      region.parameter({c.outputs, c.inputs / c.groups, c.filter[0], c.filter[1]}, c.packed);
  Value bias = c.bias ? region.parameter({c.outputs}) : Value();
  return region.make<Conv2DOp>(input, filter, bias, region.array(c.strides),
                               region.array(c.padding), c.groups);
}

void expectConvolves(const Case &c) {
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({c.height, c.width, c.inputs}, c.input);
        region.yield(makeConvolution(region, x, c), c.output);
      },
      "conv");
}

} // namespace

TEST(Convolution, TakesAnyNumberOfChannels) {
  expectConvolves({.height = 5, .width = 7, .inputs = 1, .outputs = 1});
  expectConvolves({.height = 9, .width = 6, .inputs = 20, .outputs = 24, .bias = false});
  expectConvolves({.height = 8, .width = 8, .inputs = 17, .outputs = 96});
}

TEST(Convolution, TakesAnyFilterStrideAndPadding) {
  expectConvolves({.height = 9,
                   .width = 11,
                   .inputs = 5,
                   .outputs = 20,
                   .filter = {5, 2},
                   .strides = {2, 3},
                   .padding = {2, 0}});
  expectConvolves({.height = 13,
                   .width = 13,
                   .inputs = 4,
                   .outputs = 16,
                   .filter = {7, 7},
                   .strides = {4, 4},
                   .padding = {3, 3}});
  expectConvolves({.height = 7, .width = 7, .inputs = 16, .outputs = 32, .padding = {0, 0}});
  expectConvolves({.height = 6,
                   .width = 9,
                   .inputs = 8,
                   .outputs = 16,
                   .filter = {1, 1},
                   .strides = {2, 2},
                   .padding = {0, 0},
                   .groups = 2});
}

TEST(Convolution, CutsLongAndWideMapsIntoTasks) {
  expectConvolves({.height = 67, .width = 5, .inputs = 3, .outputs = 64});
  expectConvolves({.height = 3, .width = 131, .inputs = 2, .outputs = 16, .strides = {1, 2}});
}

TEST(Convolution, ReadsThroughAHalo) {
  for (int64_t halo : {1, 2}) {
    expectConvolves({.height = 6,
                     .width = 10,
                     .inputs = 24,
                     .outputs = 40,
                     .input = withHalo(halo),
                     .output = withHalo(1)});
  }
  // The halo is narrower than the padding.
  expectConvolves({.height = 6,
                   .width = 10,
                   .inputs = 24,
                   .outputs = 16,
                   .filter = {5, 5},
                   .padding = {2, 2},
                   .input = withHalo(1)});
}

TEST(Convolution, KeepsInsideOfTheCallersMemory) {
  expectConvolves(
      {.height = 5, .width = 7, .inputs = 6, .outputs = 20, .input = caller, .output = caller});
  expectConvolves({.height = 5,
                   .width = 7,
                   .inputs = 32,
                   .outputs = 33,
                   .padding = {0, 0},
                   .input = caller,
                   .output = caller});
}

TEST(Convolution, ReadsTheImageInPlanes) {
  for (const Case &c :
       {Case{.height = 18, .width = 22, .inputs = 3, .outputs = 16, .strides = {2, 2}},
        Case{.height = 16,
             .width = 24,
             .inputs = 3,
             .outputs = 96,
             .filter = {4, 4},
             .strides = {4, 4},
             .padding = {0, 0}},
        Case{.height = 7, .width = 9, .inputs = 5, .outputs = 20},
        // No zeros around, and a last tile that ends behind the row.
        Case{.height = 1,
             .width = 49,
             .inputs = 3,
             .outputs = 1,
             .filter = {1, 1},
             .strides = {3, 3},
             .padding = {0, 0}},
        // A product over pixels: no taps.
        Case{.height = 9,
             .width = 67,
             .inputs = 3,
             .outputs = 20,
             .filter = {1, 1},
             .padding = {0, 0}}}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value image = region.activation({c.inputs, c.height, c.width}, caller);
          Value map = region.make<PermuteOp>(image, region.array({0, 2, 3, 1}));
          region.yield(region.make<SiluOp>(makeConvolution(region, map, c)));
        },
        "conv");
  }
}

// Padding is zero after normalisation, which no pixel is there.
TEST(Convolution, NormalizesPixelsAsItReadsThem) {
  for (const Case &c :
       {Case{.height = 18, .width = 22, .inputs = 3, .outputs = 16, .strides = {2, 2}},
        Case{.height = 64, .width = 64, .inputs = 3, .outputs = 16, .strides = {2, 2}},
        Case{.height = 16,
             .width = 24,
             .inputs = 3,
             .outputs = 96,
             .filter = {4, 4},
             .strides = {4, 4},
             .padding = {0, 0}},
        Case{.height = 56,
             .width = 136,
             .inputs = 3,
             .outputs = 96,
             .filter = {4, 4},
             .strides = {4, 4},
             .padding = {0, 0}},
        Case{.height = 9,
             .width = 67,
             .inputs = 3,
             .outputs = 20,
             .filter = {1, 1},
             .padding = {0, 0}},
        Case{.height = 5,
             .width = 37,
             .inputs = 4,
             .outputs = 33,
             .filter = {5, 2},
             .strides = {1, 3},
             .padding = {0, 2}},
        Case{.height = 7, .width = 9, .inputs = 1, .outputs = 20, .padding = {2, 0}},
        Case{.height = 1, .width = 1, .inputs = 5, .outputs = 8}}) {
    SCOPED_TRACE(std::to_string(c.height) + "x" + std::to_string(c.width));
    expectKernelComputes(
        [&](RegionBuilder &region) {
          std::vector<double> mean{0.485, 0.456, 0.406, -0.2, 1.5};
          std::vector<double> deviation{0.229, 0.224, 0.225, 2, 1};
          mean.resize(static_cast<size_t>(c.inputs));
          deviation.resize(static_cast<size_t>(c.inputs));
          Value image = region.pixels({c.height, c.width, c.inputs});
          Value map =
              region.make<NormalizeImageOp>(image, region.numbers(mean), region.numbers(deviation));
          region.yield(region.make<SiluOp>(makeConvolution(region, map, c)));
        },
        "conv");
  }
}

TEST(Convolution, ReducesOverTheOperandsOfAConcat) {
  for (auto [first, second] : {std::pair{arena, arena}, {withHalo(1), arena}, {caller, arena}}) {
    expectKernelComputes(
        [&, first = first, second = second](RegionBuilder &region) {
          Value a = region.activation({6, 8, 20}, first), b = region.activation({6, 8, 32}, second);
          Value joined = region.make<ConcatOp>(ValueRange{a, b});
          region.yield(makeConvolution(region, joined,
                                       {.height = 6, .width = 8, .inputs = 52, .outputs = 24}));
        },
        "conv");
  }
}

TEST(Convolution, RunsAnEpilogue) {
  for (Memory memory : {arena, caller}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({6, 9, 16}), y = region.activation({6, 9, 40}, memory);
          Case c{.height = 6, .width = 9, .inputs = 16, .outputs = 40};
          Value silu = region.make<SiluOp>(makeConvolution(region, x, c));
          Value scaled = region.make<ScaleOp>(region.make<AddOp>(silu, y), region.number(0.7));
          region.yield(region.make<GeluOp>(scaled), memory);
        },
        "conv");
  }
}

TEST(Convolution, KeepsGroupsApart) {
  expectConvolves({.height = 5, .width = 7, .inputs = 12, .outputs = 24, .groups = 3});
  expectConvolves({.height = 6,
                   .width = 6,
                   .inputs = 32,
                   .outputs = 64,
                   .strides = {2, 2},
                   .groups = 4,
                   .input = caller});
  // As many groups as channels, but two outputs of each.
  expectConvolves({.height = 5, .width = 7, .inputs = 6, .outputs = 12, .groups = 6});
}

TEST(Convolution, ReadsAFilterThatIsNotInPanels) {
  expectConvolves({.height = 5, .width = 7, .inputs = 12, .outputs = 20, .packed = false});
}

TEST(Convolution, StagesGroupsOfTheCallersMemoryWhoseRowsAreNoWholePanels) {
  expectConvolves(
      {.height = 3, .width = 5, .inputs = 63, .outputs = 21, .groups = 21, .input = caller});
  expectConvolves({.height = 4,
                   .width = 4,
                   .inputs = 6,
                   .outputs = 40,
                   .groups = 2,
                   .input = caller,
                   .output = caller});
}
