//===- DepthwiseConvolution.cpp - One filter for each channel -------------===//
//
//   depthwise conv2d -> epilogue
//
// Vectors run over channels; the filter lies as [kh][kw][C]. Several pixels of a row are summed
// together, all taps unrolled, so that a loaded input serves up to kw of them.
//
// Zeros around the input come from the loop over x, cut into its first tile, the tiles between,
// which test no border in x, and the last one. Measured, that is as fast as reading a halo of the
// buffer, while a zero-padded copy in scratch takes half as long again.
//
// With an epilogue a row of some channels is summed to scratch first: the constants of an
// activation would drive the sums out of their registers.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/DepthwiseTiles.h"
#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Func, Halide::MemoryType, Halide::Partition, Halide::TailStrategy, Halide::Var;

namespace {

struct DepthwiseConvolution {
  explicit DepthwiseConvolution(Conv2DOp op) : op(op) {}

  /// Mutable, as the accessors of ops are not const.
  mutable Conv2DOp op;
  Func output;
  /// The sums, stored: of an epilogue's input, else of the output.
  Func row;
  DefinedValue sums;
  int pixels = 1;
  /// Channels of a row that are computed together, and rows of a task.
  int channels = panelLanes, rows = 1;
  /// RoundUp, or Predicate where whole panels of a row may not be read.
  TailStrategy channelTail = TailStrategy::RoundUp;

  bool hasEpilogue() const { return output.name() != row.name(); }
  int height() const { return static_cast<int>(op.getType().getShape()[1]); }
  int width() const { return static_cast<int>(op.getType().getShape()[2]); }
};

} // namespace

static int computedChannels(KernelBuilder &builder) {
  return builder.readsPartialPanels() ? static_cast<int>(builder.outputLayout().shape.back())
                                      : builder.storedChannels();
}

static void chooseSizes(KernelBuilder &builder, DepthwiseConvolution &convolution) {
  int height = convolution.height(), width = convolution.width();
  convolution.pixels = chooseDepthwisePixels(width, builder.target);
  int panels = static_cast<int>(llvm::divideCeil(computedChannels(builder), panelWidth));
  int panelsOfBlock = chooseDepthwisePanels(width, panels, builder.target);
  if (builder.readsPartialPanels() || builder.outputLayout().exact) {
    convolution.channelTail = TailStrategy::Predicate;
    panelsOfBlock = panels;
  }
  convolution.pixels = chooseCount(builder, "tile_pixels", convolution.pixels, std::min(width, 8));
  if (convolution.channelTail == TailStrategy::RoundUp) {
    panelsOfBlock = chooseDivisor(builder, "block_panels", panelsOfBlock, panels);
  }
  convolution.channels = panelsOfBlock * panelLanes;
  convolution.rows = chooseCount(builder, "task_rows", llvm::divideCeil(height, 8), height);
}

static DepthwiseConvolution defineDepthwise(KernelBuilder &builder) {
  DepthwiseConvolution convolution(cast<Conv2DOp>(builder.plan.anchor));
  convolution.sums = builder.get(convolution.op.getResult());
  Var c("c"), x("x"), y("y"), b("b");
  convolution.output = Func("out0");
  convolution.row = convolution.output;
  if (!builder.plan.epilogue.empty()) {
    convolution.row = Func("row");
    convolution.row(c, x, y, b) = convolution.sums.func(c, x, y, b);
    DefinedValue row = convolution.sums;
    row.func = convolution.row;
    builder.set(convolution.op.getResult(), row);
  }
  convolution.output(c, x, y, b) = builder.toStored(builder.get(builder.result()).func(c, x, y, b));
  builder.setOutput(0, convolution.output, computedChannels(builder));
  return convolution;
}

static void scheduleTiles(Func store, const DepthwiseConvolution &convolution, TailStrategy tail) {
  scheduleDepthwiseTiles(store, convolution.op, convolution.sums.func, convolution.pixels, tail,
                         convolution.channelTail);
}

static void schedule(const DepthwiseConvolution &convolution) {
  Func output = convolution.output;
  Var c = output.args()[0], x = output.args()[1], y = output.args()[2], b = output.args()[3];
  Var channelBlock("channel_block"), block("block"), task("task");
  output.split(y, block, y, convolution.rows, TailStrategy::GuardWithIf)
      .split(c, channelBlock, c, convolution.channels, convolution.channelTail)
      .reorder(c, x, channelBlock, y, block, b)
      .fuse(block, b, task)
      .parallel(task);
  for (const Var &loop : {channelBlock, y, task}) {
    output.partition(loop, Partition::Never);
  }
  if (!convolution.hasEpilogue()) {
    scheduleTiles(output, convolution, TailStrategy::GuardWithIf);
    return;
  }
  output.vectorize(c, panelLanes, convolution.channelTail).partition(x, Partition::Never);
  Func row = convolution.row;
  row.compute_at(output, channelBlock).store_in(MemoryType::Heap);
  scheduleTiles(row, convolution, TailStrategy::RoundUp);
}

void oriel::buildDepthwiseConvolution(KernelBuilder &builder) {
  DepthwiseConvolution convolution = defineDepthwise(builder);
  chooseSizes(builder, convolution);
  schedule(convolution);
  builder.describe("register tile " + Twine(convolution.pixels) + "x" + Twine(panelLanes) +
                   ", tasks of " + Twine(convolution.rows) + " rows by " +
                   Twine(convolution.channels) + " channels");
}
