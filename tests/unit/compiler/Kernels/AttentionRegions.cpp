//===- AttentionRegions.cpp - Attention as tests of kernels have it -------===//

#include "tests/unit/compiler/Kernels/AttentionRegions.h"

#include <cmath>

using namespace mlir;
using namespace oriel;
using namespace oriel::test;

Value test::attend(RegionBuilder &region, Value query, Value key, Value value, const Heads &c) {
  Attribute factor = region.number(1 / std::sqrt(static_cast<double>(c.channels)));
  auto scale = [&](Value x) { return Value(region.make<ScaleOp>(x, cast<FloatAttr>(factor))); };
  Value scores = region.make<MatmulOp>(c.scaleQuery ? scale(query) : query, key,
                                       /*transpose_rhs=*/true);
  scores = c.scaleQuery ? scores : scale(scores);
  if (c.bias != Bias::None) {
    Value table = region.parameter(c.table, /*packed=*/false);
    scores = c.bias == Bias::Added
                 ? Value(region.make<AddOp>(scores, table))
                 : Value(region.make<AddWindowBiasOp>(scores, table, region.array(c.windows)));
  }
  Value output = region.make<MatmulOp>(region.make<SoftmaxOp>(scores), value,
                                       /*transpose_rhs=*/false);
  return region.make<MergeHeadsOp>(output);
}

Value test::attendTo(RegionBuilder &region, Value qkv, const Heads &c) {
  auto part = [&](int64_t index) {
    return Value(region.make<SplitHeadsOp>(qkv, c.heads, index, 3));
  };
  Value query = part(0), key = part(1), value = part(2);
  return attend(region, query, key, value, c);
}

Value test::attendInWindows(RegionBuilder &region, const Windows &w, Heads c, int64_t classes) {
  c.bias = Bias::Windows;
  int64_t tokens = w.window[0] * w.window[1];
  c.table = {classes, c.heads, tokens, tokens};
  c.windows = {w.height / w.window[0], w.width / w.window[1]};
  Value x = region.activation({w.height, w.width, 3 * c.heads * c.channels}, w.input);
  bool shifted = w.shift != std::vector<int64_t>{0, 0};
  if (shifted) {
    x = region.make<RollOp>(x, region.array({-w.shift[0], -w.shift[1]}));
  }
  Value windows = region.make<WindowPartitionOp>(x, region.array(w.window));
  Value y = region.make<WindowReverseOp>(attendTo(region, windows, c), region.array(w.window),
                                         region.array({w.height, w.width}));
  return shifted ? Value(region.make<RollOp>(y, region.array(w.shift))) : y;
}
