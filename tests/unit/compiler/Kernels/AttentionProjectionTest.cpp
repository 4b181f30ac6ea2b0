//===- AttentionProjectionTest.cpp - Attention and what mixes its heads ---===//

#include "compiler/Kernels/KernelPlan.h"
#include "tests/unit/compiler/Kernels/AttentionRegions.h"
#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

namespace {

/// Devices have no such kernel: fusion leaves the parts alone there.
class AttentionProjection : public testing::Test {
protected:
  void SetUp() override {
    const char *targets = getenv("ORIEL_TEST_TARGETS");
    if (targets && StringRef(targets) == "opencl") {
      GTEST_SKIP() << "devices have no kernel of this family";
    }
  }
};

} // namespace

static Value project(RegionBuilder &region, Value rows, int64_t outputs, bool packed = true) {
  int64_t inputs = cast<RankedTensorType>(rows.getType()).getShape().back();
  Value w = region.parameter({outputs, inputs}, packed);
  return region.make<LinearOp>(rows, w, packed ? region.parameter({outputs}) : Value());
}

/// linear(attention in windows) + residual, as Swin has it.
static void expectProjectsWindows(const Windows &w, const Heads &c, int64_t classes,
                                  const ScheduleParameters &parameters = {}) {
  int64_t channels = c.heads * c.channels;
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value y = project(region, attendInWindows(region, w, c, classes), channels);
        Value x = region.activation({w.height, w.width, channels}, w.input);
        region.yield(region.make<AddOp>(x, y), w.output);
      },
      "attention-projection", parameters);
}

/// Tokens as they lie in memory, without index maps.
static void expectProjectsTokens(int64_t groups, int64_t tokens, const Heads &c, int64_t outputs,
                                 Memory memory = arena) {
  SCOPED_TRACE(std::to_string(tokens) + " tokens, " + std::to_string(c.heads) + " heads of " +
               std::to_string(c.channels) + " -> " + std::to_string(outputs));
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({groups, tokens, 3 * c.heads * c.channels}, memory);
        region.yield(project(region, attendTo(region, x, c), outputs), memory);
      },
      "attention-projection");
}

TEST_F(AttentionProjection, TakesAnyNumberOfTokensHeadsAndChannels) {
  expectProjectsTokens(2, 1, {.heads = 1, .channels = 1}, 1);
  expectProjectsTokens(3, 15, {.heads = 3, .channels = 7}, 10);
  expectProjectsTokens(2, 50, {.heads = 5, .channels = 12}, 112);
  expectProjectsTokens(1, 64, {.heads = 2, .channels = 36}, 72);
  expectProjectsTokens(1, 257, {.heads = 2, .channels = 20}, 40);
}

TEST_F(AttentionProjection, ScattersShiftedWindows) {
  expectProjectsWindows({.height = 14, .width = 21, .window = {7, 7}, .shift = {3, 3}},
                        {.heads = 3, .channels = 32}, 4);
  expectProjectsWindows({.height = 8, .width = 12, .window = {4, 4}, .shift = {0, 2}},
                        {.heads = 2, .channels = 36, .scaleQuery = false}, 4);
}

TEST_F(AttentionProjection, TakesOblongWindowsAndHalos) {
  expectProjectsWindows({.height = 6,
                         .width = 20,
                         .window = {3, 5},
                         .shift = {1, 2},
                         .input = withHalo(1),
                         .output = withHalo(1)},
                        {.heads = 2, .channels = 18}, 4);
}

TEST_F(AttentionProjection, KeepsInsideOfTheCallersMemory) {
  expectProjectsTokens(3, 10, {.heads = 3, .channels = 5}, 13, caller);
  expectProjectsWindows({.height = 4,
                         .width = 8,
                         .window = {4, 4},
                         .shift = {2, 2},
                         .input = caller,
                         .output = caller},
                        {.heads = 1, .channels = 20}, 4);
}

TEST_F(AttentionProjection, CopiesRowsOfOneHeadOrOfAll) {
  for (int64_t copies : {0, 1}) {
    SCOPED_TRACE(copies);
    expectProjectsWindows({.height = 14, .width = 7, .window = {7, 7}, .shift = {3, 0}},
                          {.heads = 3, .channels = 20}, 4, {{{"copies_all_heads", copies}}, {}});
  }
}

TEST_F(AttentionProjection, TakesAnyScheduleThatItAccepts) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    expectProjectsWindows({.height = 10, .width = 5, .window = {5, 5}, .shift = {2, 2}},
                          {.heads = 3, .channels = 12}, 4, {{}, seed});
  }
}

TEST_F(AttentionProjection, ProjectsAcrossPatches) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Heads c{.heads = 4, .channels = 20};
        Value x = region.activation({8, 12, 240});
        Value patches = region.make<UnfoldPatchesOp>(x, region.array({2, 2}));
        Value y = region.make<FoldPatchesOp>(attendTo(region, patches, c), region.array({2, 2}),
                                             region.array({8, 12}));
        region.yield(region.make<AddOp>(project(region, y, 80), region.activation({8, 12, 80})));
      },
      "attention-projection");
}

TEST_F(AttentionProjection, AppliesAnEpilogue) {
  Windows w{.height = 6, .width = 9, .window = {3, 3}, .shift = {1, 1}};
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value y = project(region, attendInWindows(region, w, {.heads = 2, .channels = 24}, 4), 40);
        Value x = region.activation({6, 9, 40});
        y = region.make<AddOp>(region.make<GeluOp>(y), x);
        // The residual twice, and a vector by channel.
        y = region.make<AddOp>(region.make<AddOp>(y, x), region.parameter({40}));
        region.yield(region.make<ScaleOp>(y, region.number(0.75)));
      },
      "attention-projection");
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value y = project(region, attendInWindows(region, w, {.heads = 2, .channels = 24}, 4), 36);
        region.yield(region.make<SiluOp>(y), caller);
      },
      "attention-projection");
}

TEST_F(AttentionProjection, AddsWhatItAttendsTo) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({4, 6, 48});
        Value windows = region.make<WindowPartitionOp>(x, region.array({2, 3}));
        Value heads = region.make<SplitHeadsOp>(windows, 2, 0, 1);
        Value y = region.make<WindowReverseOp>(
            attend(region, heads, heads, heads, {.heads = 2, .channels = 24}), region.array({2, 3}),
            region.array({4, 6}));
        region.yield(region.make<AddOp>(project(region, y, 48), x));
      },
      "attention-projection");
}

TEST_F(AttentionProjection, TakesAPointwiseConvolutionAndWeightsThatAreNotInPanels) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({2, 9, 72});
        Value y = attendTo(region, x, {.heads = 2, .channels = 12});
        Value w = region.parameter({20, 24, 1, 1});
        region.yield(
            region.make<Conv2DOp>(y, w, Value(), region.array({1, 1}), region.array({0, 0}), 1));
      },
      "attention-projection");
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({2, 9, 72});
        Value y = attendTo(region, x, {.heads = 2, .channels = 12});
        region.yield(project(region, y, 20, /*packed=*/false));
      },
      "attention-projection");
}

TEST_F(AttentionProjection, ReadsThreeTensors) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value q = region.activation({2, 9, 48}), k = region.activation({2, 21, 48}),
              v = region.activation({2, 21, 40});
        auto heads = [&](Value x) { return Value(region.make<SplitHeadsOp>(x, 2, 0, 1)); };
        Value query = heads(q), key = heads(k), value = heads(v);
        Value y = attend(region, query, key, value, {.heads = 2, .channels = 24});
        region.yield(project(region, y, 33));
      },
      "attention-projection");
}
