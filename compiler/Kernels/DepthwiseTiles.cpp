//===- DepthwiseTiles.cpp - Register tiles of a depthwise convolution -----===//

#include "compiler/Kernels/DepthwiseTiles.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::MemoryType, Halide::Partition, Halide::RVar, Halide::Stage,
    Halide::TailStrategy, Halide::Var;

static bool hasFewTaps(Conv2DOp op) {
  constexpr int64_t mostUnrolledTaps = 25;
  ArrayRef<int64_t> filter = op.getFilter().getType().getShape();
  return filter[2] * filter[3] <= mostUnrolledTaps;
}

void oriel::scheduleDepthwiseTiles(Func store, Conv2DOp op, Func sums, int pixels,
                                   TailStrategy tail, TailStrategy channelTail) {
  Var c = store.args()[0], x = store.args()[1];
  Var lane("lane"), pixel("pixel"), tile("tile");
  store.split(x, tile, pixel, pixels, tail)
      .split(c, c, lane, panelLanes, channelTail)
      .reorder(lane, pixel, c, tile)
      .vectorize(lane)
      .unroll(pixel)
      .partition(tile, Partition::Auto)
      .partition(c, Partition::Never);
  Var o = sums.args()[0], column = sums.args()[1];
  sums.compute_at(store, c)
      .store_in(MemoryType::Register)
      .bound_extent(column, pixels)
      .vectorize(o, panelLanes, channelTail)
      .unroll(column);
  Stage update = sums.update();
  const auto &reduction = update.get_schedule().rvars();
  RVar i(reduction[0].var), tapX(reduction[1].var), tapY(reduction[2].var);
  update.reorder(o, column, i, tapX, tapY)
      .vectorize(o, panelLanes, channelTail)
      .unroll(column)
      .unroll(i)
      .unroll(tapX);
  if (hasFewTaps(op)) {
    update.unroll(tapY);
  }
}

int oriel::chooseDepthwisePixels(int width, const KernelTarget &target) {
  return std::min(width, static_cast<int>(target.vectorRegisters / 4));
}

int oriel::chooseDepthwisePanels(int width, int panels, const KernelTarget &target) {
  constexpr int64_t panelBytes = panelWidth * sizeof(float);
  int chosen = std::clamp(static_cast<int>(target.l1Bytes / 2 / (panelBytes * width)), 1, panels);
  while (panels % chosen != 0) {
    --chosen;
  }
  return chosen;
}
