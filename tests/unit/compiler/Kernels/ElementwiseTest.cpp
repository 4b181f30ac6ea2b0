//===- ElementwiseTest.cpp - Pointwise ops and data movement --------------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

TEST(Elementwise, ActivatesAnyNumberOfChannels) {
  for (int64_t channels : {1, 15, 16, 17, 40}) {
    for (Memory memory : {arena, caller}) {
      SCOPED_TRACE(std::to_string(channels) + (memory.ofCaller ? " of the caller" : ""));
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({5, 7, channels}, memory);
            Value gelu = region.make<GeluOp>(region.make<SiluOp>(x));
            region.yield(region.make<ScaleOp>(gelu, region.number(0.3)), memory);
          },
          "elementwise");
    }
  }
}

TEST(Elementwise, ActivatesLargeValues) {
  // Beyond the range in which erf and the exponential change anything.
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.make<ScaleOp>(region.activation({40, 64}), region.number(9));
        region.yield(region.make<GeluOp>(x));
      },
      "elementwise");
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.make<ScaleOp>(region.activation({40, 64}), region.number(80));
        region.yield(region.make<SiluOp>(x));
      },
      "elementwise");
}

TEST(Elementwise, ActivatesPixelsWithADeviationForEachChannel) {
  // The last channel alone, in a tail, is within the bounds of gelu's clamp; channel 5 is not.
  std::vector<double> mean(17, 0.0), deviation(17, 1.0);
  mean[5] = -1.25, deviation[5] = 0.229;
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.make<NormalizeImageOp>(region.pixels({6, 5, 17}), region.numbers(mean),
                                                region.numbers(deviation));
        region.yield(region.make<GeluOp>(x), caller);
      },
      "elementwise");
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.make<NormalizeImageOp>(region.pixels({6, 5, 17}), region.numbers(mean),
                                                region.numbers(deviation));
        Value y = region.activation({6, 5, 3}, caller);
        region.yield(region.make<GeluOp>(region.make<ConcatOp>(ValueRange{x, y})), caller);
      },
      "elementwise");
}

TEST(Elementwise, CopiesAnOperand) {
  for (Memory memory : {arena, caller}) {
    expectKernelComputes(
        [&](RegionBuilder &region) { region.yield(region.activation({5, 7, 20}, memory), caller); },
        "elementwise");
  }
}

TEST(Elementwise, StoresInsideOfAHalo) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({5, 7, 24}, withHalo(1));
        Value y = region.activation({5, 7, 24});
        region.yield(region.make<AddOp>(x, y), withHalo(2));
      },
      "elementwise");
}

TEST(Elementwise, MovesWindows) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({6, 8, 20});
        Value rolled = region.make<RollOp>(x, region.array({-1, 2}));
        Value windows = region.make<WindowPartitionOp>(rolled, region.array({3, 4}));
        region.yield(windows);
      },
      "elementwise");
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({4, 12, 20});
        Value map = region.make<WindowReverseOp>(x, region.array({3, 4}), region.array({6, 8}));
        region.yield(region.make<RollOp>(map, region.array({1, -2})));
      },
      "elementwise");
}

TEST(Elementwise, UnfoldsAndFoldsPatches) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({6, 8, 20});
        region.yield(region.make<UnfoldPatchesOp>(x, region.array({2, 2})));
      },
      "elementwise");
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({4, 12, 20});
        Value map = region.make<FoldPatchesOp>(x, region.array({2, 2}), region.array({6, 8}));
        region.yield(region.make<SiluOp>(map));
      },
      "elementwise");
}

TEST(Elementwise, MergesPatchesAndHeads) {
  for (int64_t channels : {16, 20}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          region.yield(region.make<PatchMergeOp>(region.activation({6, 8, channels})));
        },
        "elementwise");
    expectKernelComputes(
        [&](RegionBuilder &region) {
          region.yield(region.make<MergeHeadsOp>(region.activation({4, 3, 5, channels})));
        },
        "elementwise");
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({4, 5, 9 * channels});
          region.yield(region.make<SplitHeadsOp>(x, 3, 2, 3));
        },
        "elementwise");
  }
}

TEST(Elementwise, ReadsNoRowsBehindTheLastForLanesBehindTheLastChannel) {
  // Rows of the result are columns of the operand: lanes would go on from row to row.
  for (Memory memory : {arena, caller}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({1, 48, 40}, memory);
          region.yield(region.make<PermuteOp>(x, region.array({0, 2, 3, 1})));
        },
        "elementwise");
  }
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({1, 1, 16}, caller);
        region.yield(region.make<SiluOp>(region.make<SplitHeadsOp>(x, 2, 0, 1)));
      },
      "elementwise");
}

TEST(Elementwise, AddsAParameterWithoutABatchToEachItem) {
  // Of the shape that one item has; the test runs more.
  for (int64_t channels : {1, 16, 33}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({3, 4, channels}),
                position = region.parameter({1, 3, 4, channels}, /*packed=*/false);
          region.yield(region.make<AddOp>(position, x));
        },
        "elementwise");
  }
}

TEST(Elementwise, ConcatenatesAnyWidths) {
  for (Memory memory : {arena, caller}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({3, 5, 17}, memory),
                y = region.activation({3, 5, 32}, memory);
          region.yield(region.make<ConcatOp>(ValueRange{x, y, x}), memory);
        },
        "elementwise");
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({3, 5, 17}, memory),
                y = region.activation({3, 5, 16}, memory);
          region.yield(region.make<SiluOp>(region.make<ConcatOp>(ValueRange{x, y})), memory);
        },
        "elementwise");
  }
}

TEST(Elementwise, PermutesAnImage) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value image = region.activation({3, 6, 10}, caller);
        region.yield(region.make<PermuteOp>(image, region.array({0, 2, 3, 1})), withHalo(1));
      },
      "elementwise");
}

TEST(Elementwise, BroadcastsParameters) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value scores = region.activation({4, 3, 9, 9});
        Value bias = region.parameter({3, 9, 9}, /*packed=*/false);
        region.yield(region.make<AddOp>(scores, bias));
      },
      "elementwise");
  for (int64_t classes : {1, 4}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value scores = region.activation({6, 3, 9, 9});
          Value table = region.parameter({classes, 3, 9, 9}, /*packed=*/false);
          region.yield(region.make<AddWindowBiasOp>(scores, table, region.array({2, 3})));
        },
        "elementwise");
  }
}

TEST(Elementwise, NormalisesBatches) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({5, 7, 24});
        Value gamma = region.parameter({24}), beta = region.parameter({24});
        Value mean = region.parameter({24}), variance = region.parameter({24});
        region.yield(region.make<BatchNormOp>(x, gamma, beta, mean, variance, region.number(1e-5)));
      },
      "elementwise");
}

TEST(Elementwise, StoresSeveralResults) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({5, 7, 24});
        Value silu = region.make<SiluOp>(x);
        region.yield({silu, region.make<GeluOp>(silu)});
      },
      "elementwise");
}

TEST(Elementwise, NormalizesPixels) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value pixels = region.pixels({5, 7, 3});
        Value map = region.make<NormalizeImageOp>(pixels, region.numbers({0.485, 0.456, 0.406}),
                                                  region.numbers({0.229, 0.224, 0.225}));
        region.yield(region.make<SiluOp>(map));
      },
      "elementwise");
}
