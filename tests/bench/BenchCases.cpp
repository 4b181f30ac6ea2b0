//===- BenchCases.cpp - Kernels to measure --------------------------------===//

#include "tests/bench/BenchCases.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::bench;
using namespace oriel::test;

/// A linear layer on `rows` rows.
static BuildRegion linear(int64_t rows, int64_t columns, int64_t depth) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({rows, depth}), w = region.parameter({columns, depth});
    region.yield(region.make<LinearOp>(x, w, region.parameter({columns})));
  };
}

/// layer_norm -> linear -> gelu, and linear -> add: the two forms in a transformer block.
static BuildRegion normLinearGelu(int64_t rows, int64_t columns, int64_t depth) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({rows, depth}), w = region.parameter({columns, depth});
    Value bias = region.parameter({columns});
    Value gamma = region.parameter({depth}), beta = region.parameter({depth});
    Value norm = region.make<LayerNormOp>(x, gamma, beta, region.number(1e-5));
    region.yield(region.make<GeluOp>(region.make<LinearOp>(norm, w, bias)));
  };
}

static BuildRegion linearAdd(int64_t rows, int64_t columns, int64_t depth) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({rows, depth}), w = region.parameter({columns, depth});
    Value bias = region.parameter({columns}), residual = region.activation({rows, columns});
    region.yield(region.make<AddOp>(region.make<LinearOp>(x, w, bias), residual));
  };
}

/// 1x1 convolution -> silu into a buffer with a halo, as before a depthwise convolution.
static BuildRegion expand(int64_t size, int64_t outputs, int64_t inputs) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({size, size, inputs}),
          w = region.parameter({outputs, inputs, 1, 1});
    Value conv = region.make<Conv2DOp>(x, w, region.parameter({outputs}), region.array({1, 1}),
                                       region.array({0, 0}), 1);
    region.yield(region.make<SiluOp>(conv), withHalo(1));
  };
}

/// 3x3 convolution -> silu, direct and by Winograd's tiles.
static BuildRegion convolution(int64_t size, int64_t inputs, int64_t outputs, bool winograd) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({size, size, inputs});
    Value w = region.parameter({outputs, inputs, winograd ? 4 : 3, winograd ? 4 : 3});
    Value bias = region.parameter({outputs}), y;
    if (winograd) {
      y = region.make<WinogradConv2DOp>(x, w, bias, region.array({1, 1}));
    } else {
      y = region.make<Conv2DOp>(x, w, bias, region.array({1, 1}), region.array({1, 1}), 1);
    }
    region.yield(region.make<SiluOp>(y));
  };
}

static BuildRegion mergeNormLinear(int64_t size, int64_t channels) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({size, size, channels});
    Value w = region.parameter({2 * channels, 4 * channels});
    Value gamma = region.parameter({4 * channels}), beta = region.parameter({4 * channels});
    Value norm =
        region.make<LayerNormOp>(region.make<PatchMergeOp>(x), gamma, beta, region.number(1e-5));
    region.yield(region.make<LinearOp>(norm, w, Value()));
  };
}

static BuildRegion normAlone(int64_t rows, int64_t depth) {
  return [=](RegionBuilder &region) {
    Value x = region.activation({rows, depth});
    Value gamma = region.parameter({depth}), beta = region.parameter({depth});
    region.yield(region.make<LayerNormOp>(x, gamma, beta, region.number(1e-5)));
  };
}

std::vector<Case> bench::makeCases() {
  std::vector<Case> cases;
  for (auto [rows, columns, depth] : {std::array{3136, 288, 96},
                                      {3136, 96, 96},
                                      {3136, 384, 96},
                                      {3136, 96, 384},
                                      {784, 576, 192},
                                      {784, 192, 192},
                                      {784, 768, 192},
                                      {784, 192, 768},
                                      {196, 1152, 384},
                                      {196, 384, 384},
                                      {196, 1536, 384},
                                      {196, 384, 1536},
                                      {49, 2304, 768},
                                      {49, 768, 768},
                                      {49, 3072, 768},
                                      {49, 768, 3072},
                                      {1024, 432, 144},
                                      {256, 192, 192},
                                      {1, 1000, 768}}) {
    cases.push_back({"linear " + std::to_string(rows) + "x" + std::to_string(columns) + "x" +
                         std::to_string(depth),
                     linear(rows, columns, depth)});
  }
  cases.push_back({"norm linear gelu 3136x384x96", normLinearGelu(3136, 384, 96)});
  cases.push_back({"norm linear gelu 784x768x192", normLinearGelu(784, 768, 192)});
  cases.push_back({"norm linear gelu 196x1536x384", normLinearGelu(196, 1536, 384)});
  cases.push_back({"norm linear gelu 49x3072x768", normLinearGelu(49, 3072, 768)});
  cases.push_back({"linear add 784x192x768", linearAdd(784, 192, 768)});
  cases.push_back({"linear add 196x384x1536", linearAdd(196, 384, 1536)});
  cases.push_back({"merge norm linear 56x56x96", mergeNormLinear(56, 96)});
  cases.push_back({"merge norm linear 28x28x192", mergeNormLinear(28, 192)});
  cases.push_back({"expand 128x128 32->128", expand(128, 128, 32)});
  cases.push_back({"expand 32x32 96->384", expand(32, 384, 96)});
  cases.push_back({"expand 16x16 128->512", expand(16, 512, 128)});
  for (auto [size, inputs, outputs] : {std::array{32, 96, 96},
                                       {32, 48, 48},
                                       {16, 128, 128},
                                       {16, 64, 64},
                                       {8, 160, 160},
                                       {8, 320, 160},
                                       {8, 80, 80}}) {
    for (bool winograd : {false, true}) {
      cases.push_back({(winograd ? "winograd " : "conv ") + std::to_string(size) + "x" +
                           std::to_string(size) + " " + std::to_string(inputs) + "->" +
                           std::to_string(outputs),
                       convolution(size, inputs, outputs, winograd)});
    }
  }
  cases.push_back({"norm 784x192", normAlone(784, 192)});
  return cases;
}
