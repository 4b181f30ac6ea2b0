//===- Convolution.cpp - Dense and grouped convolutions -------------------===//
//
//   [permute to channel-last | normalize_image | concat] -> conv2d -> epilogue
//
// The filter lies in panels [O/16][kh][kw][I][16]. A register tile of pixels of a row times panels
// is summed over all taps and input channels, starting from the bias; the epilogue runs on the tile
// as it is stored. The tile is computed whole: only the stores beyond the last pixel are left out.
//
// Unless the input's halo holds them, a task first copies its rows of the input, with zeros around
// them, to scratch: a copy of each element where 2 * kh * kw * O operations follow, and no test of
// borders in the sums. The planes of an image stay planes there: the sums broadcast single
// elements, whatever lies beside them. Pixels become planes of normalised values there, zeros
// around those. A concat is one reduction for each of its operands.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Families.h"
#include "compiler/Kernels/ScheduleChoices.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr, Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RVar,
    Halide::Stage, Halide::TailStrategy, Halide::Var;

namespace {

/// An operand that the reduction runs over.
struct Part {
  DefinedValue value;
  /// The caller's image, [B, C, H, W] in memory or, of pixels, in the copy of its rows.
  bool isPlanes = false;
  bool isStaged = false;
  bool isOfCaller = false;
  /// The operand's rows end within a panel, behind which nothing may be read.
  bool isPartial = false;
};

/// The Funcs of a convolution and the sizes they are scheduled by.
struct Convolution {
  explicit Convolution(Conv2DOp op) : op(op) {}

  /// Mutable, as the accessors of ops are not const.
  mutable Conv2DOp op;
  SmallVector<Part> parts;
  Func output;
  DefinedValue sums;
  int pixels = 1, columns = panelLanes;
  /// Rows of the output, and tiles of `columns` channels, of one task.
  int rows = 1, columnTiles = 1;

  int height() const { return static_cast<int>(op.getType().getShape()[1]); }
  int width() const { return static_cast<int>(op.getType().getShape()[2]); }
  int kernelSize(unsigned dimension) const {
    return static_cast<int>(op.getFilter().getType().getShape()[2 + dimension]);
  }
  /// Input rows (dimension 0) or columns (1) under `extent` of the output's.
  int inputExtent(unsigned dimension, int extent) const {
    return (extent - 1) * static_cast<int>(op.getStrides()[dimension]) + kernelSize(dimension);
  }
  int stagedWidth() const {
    return inputExtent(1, static_cast<int>(llvm::alignTo(width(), pixels)));
  }
};

} // namespace

/// The normalised channels of the caller's pixels; below the map stands its last row. Nothing else
/// is clamped, so that a vector over x is loaded as it lies.
static DefinedValue normalizePixels(KernelBuilder &builder, NormalizeImageOp op) {
  auto shape = op.getType().getShape();
  DefinedValue view{Func("pixels"), SmallVector<int64_t>(shape)};
  Var c("c"), x("x"), y("y"), b("b");
  Expr row = clamp(y, 0, static_cast<int>(shape[1]) - 1);
  view.func(c, x, y, b) = builder.parameterOf(op.getPixels())(c, x, row, b);
  return defineNormalizeImage(op, view);
}

static SmallVector<Part> findParts(KernelBuilder &builder, Conv2DOp op) {
  SmallVector<Value> operands{op.getInput()};
  if (auto concat = op.getInput().getDefiningOp<ConcatOp>()) {
    operands.assign(concat.getInputs().begin(), concat.getInputs().end());
  }
  SmallVector<Part> parts;
  for (Value operand : operands) {
    if (auto normalize = operand.getDefiningOp<NormalizeImageOp>()) {
      parts.push_back({.value = normalizePixels(builder, normalize),
                       .isPlanes = true,
                       .isStaged = true,
                       .isOfCaller = true});
      continue;
    }
    Part part{builder.get(operand)};
    auto permute = operand.getDefiningOp<PermuteOp>();
    part.isPlanes = permute != nullptr;
    const BufferLayout &layout = builder.layoutOf(permute ? permute.getInput() : operand);
    part.isOfCaller = layout.exact;
    part.isPartial = layout.exact && layout.pitch % panelWidth != 0;
    bool hasZeros =
        op.getPadding()[0] <= part.value.haloY && op.getPadding()[1] <= part.value.haloX;
    part.isStaged = !hasZeros;
    parts.push_back(part);
  }
  return parts;
}

static void chooseTile(KernelBuilder &builder, Convolution &convolution) {
  int64_t panels = llvm::divideCeil(builder.storedChannels(), panelWidth);
  // Lanes of several groups read different inputs: a gather for each pixel.
  GemmTile tile = convolution.op.getGroups() > 1
                      ? GemmTile{1, 1}
                      : choosePanelTile(builder, convolution.width(), panels);
  convolution.pixels = tile.rows;
  convolution.columns = tile.panels * panelLanes;
  for (Part &part : convolution.parts) {
    // A tile over the edge of the caller's memory would clamp coordinates in the reduction.
    part.isStaged |= part.isOfCaller && convolution.width() % tile.rows != 0;
  }
}

/// Blocks of rows whose input stays in half of the second-level cache; where they are few, the
/// channels are shared out, too, and the input staged for each share.
static void chooseTasks(KernelBuilder &builder, Convolution &convolution) {
  int64_t inputs = 0;
  for (const Part &part : convolution.parts) {
    inputs += part.isPlanes ? part.value.extent() : roundUpToPanel(part.value.extent());
  }
  int64_t rowBytes = convolution.stagedWidth() * inputs * int64_t(sizeof(float));
  int height = convolution.height(), rows = std::min(height, std::max(4, height / 8));
  while (rows > 1 && convolution.inputExtent(0, rows) * rowBytes > builder.target.l2Bytes / 2) {
    --rows;
  }
  int blocks = static_cast<int>(llvm::divideCeil(height, rows));
  convolution.rows = chooseCount(builder, "task_rows", llvm::divideCeil(height, blocks), height);
  int tiles = static_cast<int>(llvm::divideCeil(builder.storedChannels(), convolution.columns));
  convolution.columnTiles = tiles;
  for (int share : {2, 3, 5, 7}) {
    if (blocks < 8 && tiles % share == 0) {
      convolution.columnTiles = tiles / share;
      break;
    }
  }
  convolution.columnTiles =
      chooseDivisor(builder, "task_column_tiles", convolution.columnTiles, tiles);
}

/// Puts the zero-padded copy of each part that has one in its place.
static void defineStaging(Convolution &convolution) {
  for (Part &part : convolution.parts) {
    if (!part.isStaged) {
      continue;
    }
    Func staged("staged");
    Var c("c"), x("x"), y("y"), b("b");
    int64_t paddingY = convolution.op.getPadding()[0], paddingX = convolution.op.getPadding()[1];
    Expr column = x;
    if (part.isPlanes && paddingY == 0 && paddingX == 0) {
      // Vectors over x go on to the end of the last tile, behind the row's.
      column = clamp(likely(x), 0, static_cast<int>(part.value.shape[2]) - 1);
    }
    staged(c, x, y, b) = withZerosAround(part.value, paddingY, paddingX)(c, column, y, b);
    part.value.func = staged;
    part.value.haloY = std::max(part.value.haloY, paddingY);
    part.value.haloX = std::max(part.value.haloX, paddingX);
  }
}

static void defineOutput(KernelBuilder &builder, Convolution &convolution) {
  std::optional<DefinedValue> bias;
  if (convolution.op.getBias()) {
    bias = builder.get(convolution.op.getBias());
  }
  SmallVector<DefinedValue> parts;
  for (const Part &part : convolution.parts) {
    parts.push_back(part.value);
  }
  convolution.sums = defineConvolution(
      convolution.op, parts, builder.get(convolution.op.getFilter()), bias ? &*bias : nullptr);
  builder.set(convolution.op.getResult(), convolution.sums);
  convolution.output = Func("out0");
  Var c("c"), x("x"), y("y"), b("b");
  convolution.output(c, x, y, b) = builder.toStored(builder.get(builder.result()).func(c, x, y, b));
  builder.setOutput(0, convolution.output, builder.storedChannels());
}

static void scheduleStaging(const Part &part, const Convolution &convolution,
                            const LoopLevel &task) {
  Func staged = part.value.func;
  Var c = staged.args()[0], x = staged.args()[1], y = staged.args()[2];
  staged.compute_at(task)
      .store_in(MemoryType::Heap)
      .bound_extent(x, convolution.stagedWidth())
      .bound_extent(y, convolution.inputExtent(0, convolution.rows));
  if (part.isPlanes) {
    staged.reorder_storage(x, y, c, staged.args()[3])
        .reorder(x, y, c)
        .align_storage(x, panelLanes)
        .vectorize(x, panelLanes);
    return;
  }
  // All channels, though a task may read those of its groups only.
  int64_t channels = part.value.extent();
  staged.bound(c, 0, static_cast<int>(part.isPartial ? channels : roundUpToPanel(channels)));
  staged.align_storage(c, panelLanes)
      .vectorize(c, panelLanes, part.isPartial ? TailStrategy::GuardWithIf : TailStrategy::RoundUp);
}

/// The tile's sums: all in registers; taps and channels, innermost, around them.
static void scheduleSums(const Convolution &convolution, const LoopLevel &tile) {
  Func sums = convolution.sums.func;
  Var o = sums.args()[0], x = sums.args()[1];
  sums.compute_at(tile)
      .store_in(MemoryType::Register)
      .bound_extent(o, convolution.columns)
      .bound_extent(x, convolution.pixels)
      .vectorize(o, panelLanes)
      .unroll(o)
      .unroll(x);
  for (auto [index, part] : llvm::enumerate(convolution.parts)) {
    Stage update = sums.update(static_cast<int>(index));
    // Channels, then taps, of which a 1x1 filter has none.
    const auto &reduction = update.get_schedule().rvars();
    std::vector<Halide::VarOrRVar> order = {o, x};
    for (const auto &dimension : reduction) {
      order.emplace_back(RVar(dimension.var));
    }
    RVar i(reduction[0].var);
    update.reorder(order).vectorize(o, panelLanes).unroll(o).unroll(x);
    // An image's few channels make no loop.
    if (part.value.extent() <= 4) {
      update.unroll(i);
    }
  }
}

static void schedule(KernelBuilder &builder, const Convolution &convolution) {
  Func output = convolution.output;
  Var c = output.args()[0], x = output.args()[1], y = output.args()[2], b = output.args()[3];
  Var lane("lane"), share("share"), tile("tile"), pixel("pixel"), block("block"), task("task");
  TailStrategy columnTail = builder.storedChannels() % convolution.columns == 0
                                ? TailStrategy::RoundUp
                                : TailStrategy::Predicate;
  output.split(c, c, lane, convolution.columns, columnTail)
      .split(c, share, c, convolution.columnTiles)
      .split(x, tile, pixel, convolution.pixels, TailStrategy::GuardWithIf)
      .split(y, block, y, convolution.rows, TailStrategy::GuardWithIf)
      .reorder(lane, pixel, tile, y, c, share, block, b)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(pixel)
      .fuse(block, b, task)
      .fuse(share, task, task)
      .parallel(task)
      .never_partition_all();
  scheduleSums(convolution, {output, tile});
  for (const Part &part : convolution.parts) {
    if (part.isStaged) {
      scheduleStaging(part, convolution, {output, task});
    }
  }
}

void oriel::buildConvolution(KernelBuilder &builder) {
  Convolution convolution(cast<Conv2DOp>(builder.plan.anchor));
  convolution.parts = findParts(builder, convolution.op);
  chooseTile(builder, convolution);
  chooseTasks(builder, convolution);
  defineStaging(convolution);
  defineOutput(builder, convolution);
  schedule(builder, convolution);
  bool staged = llvm::any_of(convolution.parts, [](const Part &part) { return part.isStaged; });
  builder.describe("register tile " + Twine(convolution.pixels) + "x" + Twine(convolution.columns) +
                   ", tasks of " + Twine(convolution.rows) + " rows and " +
                   Twine(convolution.columnTiles * convolution.columns) + " channels" +
                   (staged ? ", input rows copied with zeros around" : ""));
}
