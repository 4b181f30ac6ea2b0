//===- ConvolutionOnGpu.cpp - Convolutions on a device --------------------===//
//
//   [permute to channel-last | normalize_image | concat] -> conv2d -> epilogue
//
// Dense, grouped and depthwise alike: a thread sums some pixels of a row, for a vector of channels,
// over all taps and input channels. Where no halo holds the zeros around the input, each load tests
// the border. (See Convolution.cpp and DepthwiseConvolution.cpp for the processor's schedules.)
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GpuSchedule.h"

using namespace mlir;
using namespace oriel;
using Halide::Func;

void oriel::buildConvolutionOnGpu(KernelBuilder &builder) {
  auto op = cast<Conv2DOp>(builder.plan.anchor);
  // The algorithm.
  SmallVector<Value> operands{op.getInput()};
  if (auto concat = op.getInput().getDefiningOp<ConcatOp>()) {
    operands.assign(concat.getInputs().begin(), concat.getInputs().end());
  }
  SmallVector<DefinedValue> parts;
  for (Value operand : operands) {
    parts.push_back(builder.get(operand));
  }
  std::optional<DefinedValue> bias;
  if (op.getBias()) {
    bias = builder.get(op.getBias());
  }
  DefinedValue sums =
      defineConvolution(op, parts, builder.get(op.getFilter()), bias ? &*bias : nullptr);
  builder.set(op.getResult(), sums);
  Func output = storeResult(builder);

  // Schedule.
  GpuTile tile = chooseGpuTile(sums.extent(), op.getType().getShape()[2]);
  GpuLoops loops = tileForGpu(output, tile);
  scheduleSumsOnGpu(sums.func, tile, static_cast<int>(parts.size()), loops.thread);
  builder.describe(describe(tile));
}
