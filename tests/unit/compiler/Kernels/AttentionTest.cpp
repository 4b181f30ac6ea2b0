//===- AttentionTest.cpp - softmax(q k^T) v by heads ----------------------===//

#include "tests/unit/compiler/Kernels/AttentionRegions.h"
#include "tests/unit/compiler/Kernels/ExpectKernel.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

namespace {

void expectAttendsInWindows(const Windows &w, const Heads &c, int64_t classes,
                            const ScheduleParameters &parameters = {}) {
  expectKernelComputes(
      [&](RegionBuilder &region) {
        region.yield(attendInWindows(region, w, c, classes), w.output);
      },
      "attention", parameters);
}

/// Tokens as they lie in memory, without index maps.
void expectAttends(int64_t groups, int64_t tokens, const Heads &c, Memory memory = arena) {
  expectKernelComputes(
      [&](RegionBuilder &region) {
        Value x = region.activation({groups, tokens, 3 * c.heads * c.channels}, memory);
        region.yield(attendTo(region, x, c), memory);
      },
      "attention");
}

} // namespace

TEST(Attention, TakesAnyChannelsOfAHead) {
  for (int64_t channels : {1, 7, 16, 20, 36, 48, 60}) {
    SCOPED_TRACE(channels);
    expectAttends(2, 16, {.heads = 2, .channels = channels});
  }
}

TEST(Attention, TakesAnyNumberOfTokens) {
  for (int64_t tokens : {1, 2, 15, 50, 64}) {
    SCOPED_TRACE(tokens);
    expectAttends(2, tokens, {.heads = 1, .channels = 12});
  }
  expectAttends(1, 256, {.heads = 2, .channels = 36});
  expectAttends(1, 300, {.heads = 1, .channels = 24});
}

TEST(Attention, KeepsTheKeyApartThatFillsNoVector) {
  for (int64_t tokens : {9, 17, 33, 49}) {
    for (int64_t channels : {8, 16, 20, 32}) {
      SCOPED_TRACE(std::to_string(tokens) + " tokens of " + std::to_string(channels));
      expectAttends(2, tokens, {.heads = 2, .channels = channels});
    }
  }
  for (Memory memory : {arena, caller}) {
    expectAttends(2, 17, {.heads = 2, .channels = 16, .bias = Bias::Added, .table = {2, 17, 17}},
                  memory);
  }
}

TEST(Attention, ShiftsWindows) {
  expectAttendsInWindows({.height = 14, .width = 21, .window = {7, 7}, .shift = {3, 3}},
                         {.heads = 3, .channels = 32}, 4);
}

TEST(Attention, ShiftsWindowsInOneDimension) {
  expectAttendsInWindows({.height = 8, .width = 12, .window = {4, 4}, .shift = {0, 2}},
                         {.heads = 2, .channels = 24}, 4);
  expectAttendsInWindows({.height = 8, .width = 12, .window = {4, 4}, .shift = {1, 0}},
                         {.heads = 2, .channels = 24, .scaleQuery = false}, 4);
}

TEST(Attention, TakesOblongWindowsAndHalos) {
  expectAttendsInWindows({.height = 6,
                          .width = 20,
                          .window = {3, 5},
                          .shift = {1, 2},
                          .input = withHalo(1),
                          .output = withHalo(1)},
                         {.heads = 2, .channels = 18}, 4);
}

TEST(Attention, TakesOneWindowAndOneTable) {
  expectAttendsInWindows({.height = 7, .width = 7, .window = {7, 7}, .shift = {0, 0}},
                         {.heads = 2, .channels = 32}, 1);
}

TEST(Attention, KeepsInsideOfTheCallersMemory) {
  expectAttends(3, 10, {.heads = 3, .channels = 5}, caller);
  expectAttendsInWindows({.height = 4,
                          .width = 8,
                          .window = {4, 4},
                          .shift = {2, 2},
                          .input = caller,
                          .output = caller},
                         {.heads = 1, .channels = 20}, 4);
}

TEST(Attention, ReadsValuesInPlaceOrCopied) {
  for (int64_t copies : {0, 1}) {
    for (Memory memory : {arena, withHalo(1), caller}) {
      for (int64_t channels : {12, 32}) {
        SCOPED_TRACE(std::to_string(channels) + " channels, copied: " + std::to_string(copies));
        expectAttendsInWindows({.height = 10,
                                .width = 5,
                                .window = {5, 5},
                                .shift = {2, 0},
                                .input = memory,
                                .output = memory},
                               {.heads = 2, .channels = channels}, 4,
                               {{{"copies_value", copies}}, {}});
      }
    }
  }
}

TEST(Attention, AttendsAcrossPatches) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Heads c{.heads = 4, .channels = 20};
        Value x = region.activation({8, 12, 240});
        Value patches = region.make<UnfoldPatchesOp>(x, region.array({2, 2}));
        region.yield(region.make<FoldPatchesOp>(attendTo(region, patches, c), region.array({2, 2}),
                                                region.array({8, 12})));
      },
      "attention");
}

TEST(Attention, AddsABroadcastTable) {
  for (const std::vector<int64_t> &table : {std::vector<int64_t>{9, 9}, {2, 9, 9}, {3, 1, 9, 9}}) {
    expectAttends(3, 9, {.heads = 2, .channels = 8, .bias = Bias::Added, .table = table});
  }
}

TEST(Attention, ReadsThreeTensors) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value q = region.activation({2, 9, 48}), k = region.activation({2, 21, 48}),
              v = region.activation({2, 21, 40});
        auto heads = [&](Value x) { return Value(region.make<SplitHeadsOp>(x, 2, 0, 1)); };
        Value query = heads(q), key = heads(k), value = heads(v);
        region.yield(attend(region, query, key, value, {.heads = 2, .channels = 24}));
      },
      "attention");
}

TEST(Attention, CutsTokensOfAMapOnOneSideOnly) {
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({4, 6, 72});
        Value windows = region.make<WindowPartitionOp>(x, region.array({2, 3}));
        region.yield(attendTo(region, windows, {.heads = 2, .channels = 12}));
      },
      "attention");
  expectKernelComputes(
      [](RegionBuilder &region) {
        Value x = region.activation({4, 6, 72});
        Value y = region.make<WindowReverseOp>(attendTo(region, x, {.heads = 2, .channels = 12}),
                                               region.array({2, 3}), region.array({4, 6}));
        region.yield(region.make<RollOp>(y, region.array({1, -1})));
      },
      "attention");
}
