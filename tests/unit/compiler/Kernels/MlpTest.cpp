//===- MlpTest.cpp - Two linear layers with an activation between them ----===//

#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

static Value makeNorm(RegionBuilder &region, Value input, int64_t channels) {
  Value gamma = region.parameter({channels}), beta = region.parameter({channels});
  return region.make<LayerNormOp>(input, gamma, beta, region.number(1e-5));
}

static Value makeLinear(RegionBuilder &region, Value input, int64_t outputs, int64_t inputs) {
  Value w = region.parameter({outputs, inputs});
  return region.make<LinearOp>(input, w, region.parameter({outputs}));
}

static Value makePointwise(RegionBuilder &region, Value input, int64_t outputs, int64_t inputs) {
  Value w = region.parameter({outputs, inputs, 1, 1});
  return region.make<Conv2DOp>(input, w, Value(), region.array({1, 1}), region.array({0, 0}), 1);
}

TEST(Mlp, ComputesAnyNumberOfRowsAndChannels) {
  for (auto [rows, inputs, hidden, outputs] : {std::array{1, 16, 64, 16},
                                               {5, 21, 42, 10},
                                               {49, 24, 40, 112},
                                               {50, 16, 1024, 16},
                                               {331, 21, 42, 10},
                                               {500, 96, 384, 96}}) {
    SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(inputs) + " -> " +
                 std::to_string(hidden) + " -> " + std::to_string(outputs));
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({rows, inputs});
          Value h = region.make<GeluOp>(makeLinear(region, x, hidden, inputs));
          region.yield(makeLinear(region, h, outputs, hidden));
        },
        "mlp");
  }
}

TEST(Mlp, NormalisesRowsAndAddsTheResidual) {
  for (Memory memory : {arena, caller, withHalo(1)}) {
    for (int64_t channels : {32, 40}) {
      SCOPED_TRACE(std::to_string(channels) + " channels");
      expectKernelComputes(
          [&](RegionBuilder &region) {
            Value x = region.activation({9, 13, channels}, memory);
            Value norm = makeNorm(region, x, channels);
            Value h = region.make<GeluOp>(makeLinear(region, norm, 4 * channels, channels));
            Value y = makeLinear(region, h, channels, 4 * channels);
            region.yield(region.make<AddOp>(x, y), memory);
          },
          "mlp");
    }
  }
}

TEST(Mlp, ReadsAndWritesTheCallersMemory) {
  for (int64_t rows : {1, 13, 100}) {
    SCOPED_TRACE(std::to_string(rows) + " rows");
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({rows, 21}, caller);
          Value h = region.make<SiluOp>(makeLinear(region, x, 50, 21));
          Value residual = region.activation({rows, 10}, caller);
          region.yield(region.make<AddOp>(makeLinear(region, h, 10, 50), residual), caller);
        },
        "mlp");
  }
}

TEST(Mlp, TakesPointwiseConvolutionsAndAnEpilogue) {
  for (Memory memory : {arena, withHalo(2)}) {
    expectKernelComputes(
        [&](RegionBuilder &region) {
          Value x = region.activation({7, 11, 24}, memory);
          Value h = region.make<SiluOp>(makePointwise(region, x, 56, 24));
          region.yield(region.make<SiluOp>(makePointwise(region, h, 40, 56)), memory);
        },
        "mlp");
  }
}

TEST(Mlp, TakesWeightsThatAreNotInPanels) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({13, 21}), w = region.parameter({40, 21}, /*packed=*/false);
        Value h = region.make<GeluOp>(region.make<LinearOp>(x, w, Value()));
        Value v = region.parameter({30, 40}, /*packed=*/false);
        region.yield(region.make<LinearOp>(h, v, region.parameter({30}, /*packed=*/false)));
      },
      "mlp");
}
