//===- RowReductionTest.cpp - layer_norm, softmax, global_avg_pool --------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

static Value makeNorm(RegionBuilder &region, Value input, int64_t channels) {
  Value gamma = region.parameter({channels}), beta = region.parameter({channels});
  return region.make<LayerNormOp>(input, gamma, beta, region.number(1e-5));
}

TEST(RowReduction, NormalisesRowsOfAnyLength) {
  for (int64_t channels : {5, 16, 24, 96, 144, 192}) {
    for (Memory memory : {arena, caller}) {
      SCOPED_TRACE(channels);
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({3, 37, channels}, memory);
            region.yield(makeNorm(region, x, channels), memory);
          },
          "row-reduction");
    }
  }
}

TEST(RowReduction, NormalisesAMapWithHalo) {
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({5, 7, 40}, withHalo(1));
        Value y = region.make<SiluOp>(makeNorm(region, x, 40));
        region.yield(y, withHalo(1));
      },
      "row-reduction");
}

TEST(RowReduction, ComputesSoftmaxOfAnyLength) {
  for (int64_t length : {3, 16, 49, 64, 144}) {
    for (Memory memory : {arena, caller}) {
      SCOPED_TRACE(length);
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({2, 3, 9, length}, memory);
            region.yield(region.make<SoftmaxOp>(x), memory);
          },
          "row-reduction");
    }
  }
}

TEST(RowReduction, PoolsAnyNumberOfChannels) {
  for (int64_t channels : {7, 16, 320, 648}) {
    for (Memory memory : {arena, caller}) {
      SCOPED_TRACE(channels);
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({7, 5, channels}, memory);
            region.yield(region.make<GlobalAvgPoolOp>(x), memory);
          },
          "row-reduction");
    }
  }
}

TEST(RowReduction, PoolsNormalisedRows) {
  for (int64_t channels : {24, 768}) {
    for (Memory memory : {arena, caller, withHalo(1)}) {
      SCOPED_TRACE(channels);
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({7, 5, channels}, memory);
            region.yield(region.make<GlobalAvgPoolOp>(makeNorm(region, x, channels)));
          },
          "row-reduction");
    }
  }
}
