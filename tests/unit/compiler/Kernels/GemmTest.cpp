//===- GemmTest.cpp - Linear layers and 1x1 convolutions ------------------===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

TEST(Gemm, MultipliesAnyNumberOfRowsAndColumns) {
  for (int64_t rows : {1, 2, 5, 6, 7, 49}) {
    for (int64_t columns : {16, 24, 96}) {
      SCOPED_TRACE(std::to_string(rows) + "x" + std::to_string(columns));
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({rows, 40}), w = region.parameter({columns, 40});
            region.yield(region.make<LinearOp>(x, w, region.parameter({columns})));
          },
          "gemm");
    }
  }
}

static Value makeNorm(RegionBuilder &region, Value input, int64_t channels) {
  Value gamma = region.parameter({channels}), beta = region.parameter({channels});
  return region.make<LayerNormOp>(input, gamma, beta, region.number(1e-5));
}

static Value makePointwise(RegionBuilder &region, Value input, int64_t outputs, int64_t inputs) {
  Value w = region.parameter({outputs, inputs, 1, 1}), bias = region.parameter({outputs});
  return region.make<Conv2DOp>(input, w, bias, region.array({1, 1}), region.array({0, 0}), 1);
}

TEST(Gemm, RunsOverSeveralBlocks) {
  // Blocks of rows that stay in the cache: more than one, the last one partial.
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({101, 3, 512}), w = region.parameter({48, 512});
        region.yield(region.make<LinearOp>(x, w, Value()));
      },
      "gemm");
}

TEST(Gemm, ReadsAndWritesRowsThatWouldLieAMultipleOf4KBApart) {
  for (int64_t depth : {1024, 2048}) {
    SCOPED_TRACE(depth);
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({30, depth}), w = region.parameter({1024, depth});
          region.yield(region.make<LinearOp>(x, w, region.parameter({1024})));
        },
        "gemm");
  }
}

TEST(Gemm, SumsADeepReductionInParts) {
  for (Memory memory : {arena, caller}) {
    for (bool norm : {false, true}) {
      for (int64_t rows : {3, 49}) {
        SCOPED_TRACE(std::to_string(rows) + " rows" + (norm ? " with norm" : ""));
        expectKernelComputes(
            [&](RegionBuilder &region) {
              Value x = region.activation({rows, 3072}, memory);
              x = norm ? makeNorm(region, x, 3072) : x;
              Value y =
                  region.make<LinearOp>(x, region.parameter({40, 3072}), region.parameter({40}));
              Value residual = region.activation({rows, 40}, memory);
              region.yield(region.make<AddOp>(residual, region.make<GeluOp>(y)), memory);
            },
            "gemm");
      }
    }
  }
}

TEST(Gemm, ReadsAndWritesTheCallersMemory) {
  for (int64_t rows : {1, 13}) {
    for (int64_t columns : {10, 64, 72}) {
      SCOPED_TRACE(std::to_string(rows) + "x" + std::to_string(columns));
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({rows, 21}, caller), w = region.parameter({columns, 21});
            Value residual = region.activation({rows, columns}, caller);
            Value y = region.make<LinearOp>(x, w, region.parameter({columns}));
            region.yield(region.make<AddOp>(y, residual), caller);
          },
          "gemm");
    }
  }
}

TEST(Gemm, AddsARowOfTheCallersMemoryToRowsWithPadding) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({13, 24}), w = region.parameter({42, 24});
        Value residual = region.activation({13, 42}, caller);
        Value y = region.make<LinearOp>(x, w, region.parameter({42}));
        region.yield(region.make<AddOp>(y, residual));
      },
      "gemm");
}

TEST(Gemm, TakesWeightsThatAreNotInPanels) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({13, 21}), w = region.parameter({40, 21}, /*packed=*/false);
        region.yield(region.make<LinearOp>(x, w, region.parameter({40}, /*packed=*/false)));
      },
      "gemm");
}

TEST(Gemm, AppliesAnEpilogue) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({5, 7, 24});
        Value y = region.make<SiluOp>(makePointwise(region, x, 40, 24));
        Value sum = region.make<AddOp>(region.activation({5, 7, 40}), y);
        region.yield(region.make<GeluOp>(region.make<ScaleOp>(sum, region.number(0.7))));
      },
      "gemm");
}

TEST(Gemm, NormalisesRowsFirst) {
  // Up to 64 channels, with AVX-512 256, stay in registers if they are whole panels.
  for (int64_t depth : {40, 64, 96, 256, 272}) {
    for (Memory memory : {arena, caller}) {
      for (int64_t rows : {1, 50, 500}) {
        SCOPED_TRACE(std::to_string(rows) + " rows of " + std::to_string(depth));
        expectKernelComputes(
            [&](RegionBuilder &region) {
              Value x = makeNorm(region, region.activation({rows, depth}, memory), depth);
              region.yield(region.make<GeluOp>(
                  region.make<LinearOp>(x, region.parameter({48, depth}), Value())));
            },
            "gemm");
      }
    }
  }
}

TEST(Gemm, MergesPatches) {
  for (int64_t channels : {16, 24, 256}) {
    for (bool norm : {false, true}) {
      for (Memory memory : {arena, caller, withHalo(1)}) {
        SCOPED_TRACE(std::to_string(channels) + (norm ? " with norm" : ""));
        expectKernelComputes(
            [&](RegionBuilder &region) {
              Value x = region.make<PatchMergeOp>(region.activation({10, 14, channels}, memory));
              if (norm) {
                x = makeNorm(region, x, 4 * channels);
              }
              Value w = region.parameter({2 * channels, 4 * channels});
              region.yield(region.make<LinearOp>(x, w, region.parameter({2 * channels})));
            },
            "gemm");
      }
    }
  }
}

TEST(Gemm, JoinsTheOperandsOfAConcat) {
  for (Memory memory : {arena, withHalo(1)}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({6, 9, 24}), y = region.activation({6, 9, 17}, memory);
          Value z = region.activation({6, 9, 3});
          Value all = region.make<ConcatOp>(ValueRange{x, y, z});
          region.yield(makePointwise(region, all, 48, 44));
        },
        "gemm");
  }
}

TEST(Gemm, StoresInsideOfAHalo) {
  for (int64_t width : {1, 8, 13}) {
    for (int64_t outputs : {24, 96}) {
      SCOPED_TRACE(std::to_string(width) + " wide, " + std::to_string(outputs) + " channels");
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({6, width, 24});
            Value y = region.make<SiluOp>(makePointwise(region, x, outputs, 24));
            region.yield(y, withHalo(1));
          },
          "gemm");
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = makeNorm(region, region.activation({6, width, 24}, withHalo(2)), 24);
            region.yield(makePointwise(region, x, outputs, 24), withHalo(1));
          },
          "gemm");
    }
  }
}
