//===- WinogradConvolutionOnGpu.cpp - Tiles of 2x2 results, on a device ---===//
//
//   [concat] -> winograd_conv2d -> epilogue
//
//   results of a tile = A^T (sum over i of U * (B^T d B)) A
//
// A thread has one tile of 2x2 results for a vector of channels: for each input channel it loads
// and transforms 4x4 inputs, and adds to 16 sums; all in registers. (See WinogradConvolution.cpp.)
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/GpuSchedule.h"
#include "compiler/Kernels/WinogradTransform.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RDom, Halide::RVar,
    Halide::Stage, Halide::TailStrategy, Halide::Var;

namespace {
/// An operand that the reduction runs over: its inputs of a tile, (c, x, y, tx, ty, b), and B^T d
/// B, (c, j, i, tx, ty, b).
struct Part {
  int channels;
  Func inputs, transformed;
};
} // namespace

static Part definePart(const DefinedValue &value, ArrayRef<int64_t> padding) {
  Part part{value.extent(), Func("inputs"), Func("transformed")};
  int paddingY = static_cast<int>(padding[0]), paddingX = static_cast<int>(padding[1]);
  // The last tiles end behind the map, by more than the padding.
  Func padded = withZerosEverywhere(value);
  Var c("c"), x("x"), y("y"), b("b"), tx("tx"), ty("ty"), i("i"), j("j");
  part.inputs(c, x, y, tx, ty, b) = padded(c, 2 * tx - paddingX + x, 2 * ty - paddingY + y, b);
  auto row = [&](const Expr &x) {
    return transformInput(i, [&](int y) { return part.inputs(c, x, y, tx, ty, b); });
  };
  part.transformed(c, j, i, tx, ty, b) = transformInput(j, [&](int x) { return row(x); });
  return part;
}

/// The sums of a tile, (o, j, i, tx, ty, b).
static Func defineSums(ArrayRef<Part> parts, const DefinedValue &filter) {
  Func sums("sums");
  Var o("o"), tx("tx"), ty("ty"), i("i"), j("j"), b("b");
  sums(o, j, i, tx, ty, b) = 0.0f;
  int offset = 0;
  for (const Part &part : parts) {
    RDom k(0, part.channels, "k");
    sums(o, j, i, tx, ty, b) +=
        part.transformed(k, j, i, tx, ty, b) * filter.func(j, i, k + offset, o);
    offset += part.channels;
  }
  return sums;
}

static DefinedValue defineResult(KernelBuilder &builder, WinogradConv2DOp op, Func sums) {
  DefinedValue result{Func("winograd_conv2d"), SmallVector<int64_t>(op.getType().getShape())};
  Var c("c"), x("x"), y("y"), b("b");
  auto row = [&](int j) {
    return transformOutput(y % 2, [&](int i) { return sums(c, j, i, x / 2, y / 2, b); });
  };
  Expr sum = transformOutput(x % 2, row);
  if (op.getBias()) {
    sum = builder.get(op.getBias()).func(c) + sum;
  }
  result.func(c, x, y, b) = sum;
  return result;
}

static void scheduleSums(Func sums, ArrayRef<Part> parts, int channels, const LoopLevel &thread) {
  std::vector<Var> a = sums.args();
  sums.compute_at(thread).store_in(MemoryType::Register).bound_extent(a[0], channels);
  for (const Var &dimension : {a[1], a[2]}) {
    sums.bound(dimension, 0, 4).unroll(dimension);
  }
  for (const Var &dimension : {a[3], a[4]}) {
    sums.bound_extent(dimension, 1);
  }
  if (channels > 1) {
    sums.vectorize(a[0]);
  }
  for (auto [index, part] : llvm::enumerate(parts)) {
    Stage update = sums.update(static_cast<int>(index));
    RVar k(update.get_schedule().rvars()[0].var);
    update.reorder(a[0], a[1], a[2], a[3], a[4], a[5], k).unroll(a[1]).unroll(a[2]);
    if (channels > 1) {
      update.vectorize(a[0]);
    }
    Func inputs = part.inputs, transformed = part.transformed;
    for (Func func : {inputs, transformed}) {
      func.compute_at(sums, k).store_in(MemoryType::Register);
      for (int dimension : {1, 2}) {
        func.bound(func.args()[dimension], 0, 4).unroll(func.args()[dimension]);
      }
    }
  }
}

void oriel::buildWinogradConvolutionOnGpu(KernelBuilder &builder) {
  auto op = cast<WinogradConv2DOp>(builder.plan.anchor);
  // The algorithm.
  SmallVector<Value> operands{op.getInput()};
  if (auto concat = op.getInput().getDefiningOp<ConcatOp>()) {
    operands.assign(concat.getInputs().begin(), concat.getInputs().end());
  }
  SmallVector<Part> parts;
  for (Value operand : operands) {
    parts.push_back(definePart(builder.get(operand), op.getPadding()));
  }
  Func sums = defineSums(parts, builder.get(op.getFilter()));
  builder.set(op.getResult(), defineResult(builder, op, sums));
  Func output = storeResult(builder);

  // Schedule.
  int channels = vectorOf(static_cast<int>(op.getType().getShape().back()));
  constexpr int threadsX = 8, threadsY = 4;
  Var c = output.args()[0], x = output.args()[1], y = output.args()[2], b = output.args()[3];
  Var lane("lane"), vector("vector"), columns("columns"), threadX("thread_x"), tx("tx"),
      tiles("tiles"), threadY("thread_y"), column("column"), ty("ty"), row("row"), outer("outer"),
      block("block");
  output.split(c, vector, lane, channels, TailStrategy::RoundUp)
      .split(vector, columns, threadX, threadsX, TailStrategy::GuardWithIf)
      .split(x, tx, column, 2, TailStrategy::GuardWithIf)
      .split(tx, tiles, threadY, threadsY, TailStrategy::GuardWithIf)
      .split(y, ty, row, 2, TailStrategy::GuardWithIf)
      .fuse(ty, b, outer)
      .reorder(lane, column, row, threadX, threadY, tiles, columns, outer)
      .fuse(tiles, outer, block)
      .unroll(column)
      .unroll(row)
      .never_partition_all()
      .gpu_threads(threadX, threadY)
      .gpu_blocks(block, columns);
  if (channels > 1) {
    output.vectorize(lane);
  }
  scheduleSums(sums, parts, channels, {output, threadX});
  builder.describe("tiles of 2x2x" + Twine(channels) + ", blocks of " + Twine(threadsY) + "x" +
                   Twine(threadsX) + " threads");
}
