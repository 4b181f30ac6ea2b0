//===- AttentionPrefetch.cpp - Fetching what the next head reads ----------===//
//
// Rows of q, k and v were written by the kernel before and lie in the last cache, the table with
// bias and mask in memory. The next task reads those of the next head, or of the next group's
// first.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Attention.h"
#include "compiler/Kernels/DefineOps.h"
#include "compiler/Kernels/LineFetch.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace oriel;
using Halide::Expr;

/// What a loop within the loop over blocks of rows fetches.
static TaskPrefetch::Lines linesIn(const Attention &attention, std::string loop, int extent) {
  int blocks = static_cast<int>(llvm::divideCeil(attention.queries, attention.rowBlock));
  return {.outerLoop = ".block",
          .loop = std::move(loop),
          .outerExtent = blocks,
          .extent = extent,
          .first = 0,
          .parts = 1,
          .partStride = 0,
          .lines = 1};
}

/// Whether q, k and v are parts of the same rows.
static bool hasOneSource(const AttentionPlan &plan) {
  Value source = sourceOf(plan.key, plan.keyMaps);
  auto isLikeKey = [&](SplitHeadsOp split, ArrayRef<Operation *> maps) {
    return sourceOf(split, maps) == source && maps.empty() == plan.keyMaps.empty() &&
           (maps.empty() || TokenMap(maps) == TokenMap(plan.keyMaps));
  };
  return isLikeKey(plan.query, plan.queryMaps) && isLikeKey(plan.value, plan.valueMaps);
}

/// The index of the first element of a head's channels in part 0, of each token.
static auto firstOfTokens(KernelBuilder &builder, const Attention &attention) {
  AttentionPlan plan = builder.plan.attention;
  SmallVector<Dimension> dimensions =
      dimensionsOf(builder.layoutOf(sourceOf(plan.key, plan.keyMaps)));
  int heads = attention.heads, groups = attention.groups, channels = attention.channels;
  return [=](const Expr &task, const Expr &t) {
    Expr g = task / heads % groups;
    SmallVector<Expr> at{task % heads * channels, t, g, task / (heads * groups)};
    if (!plan.keyMaps.empty()) {
      TokenMap map(plan.keyMaps);
      at[1] = map.x(t, g);
      at[2] = map.y(t, g);
    }
    Expr index = 0;
    for (auto [coordinate, dimension] : llvm::zip_equal(at, dimensions)) {
      index = index + (coordinate - dimension.min) * dimension.stride;
    }
    return index;
  };
}

/// Fetches the next head's rows of q, k and v, if the first-level cache holds them beside the
/// present ones. (Measured: all attention of Swin-T 1.06 to 1.13 in the model; 0.92 on 256 tokens
/// of 36 channels, whose rows exceed that cache.)
static void prefetchRows(KernelBuilder &builder, const Attention &attention) {
  AttentionPlan plan = builder.plan.attention;
  Value source = sourceOf(plan.key, plan.keyMaps);
  int64_t bytes = int64_t(3) * attention.keys * attention.channels * int64_t(sizeof(float));
  if (!hasOneSource(plan) || builder.layoutOf(source).element != ElementType::F32 ||
      bytes > builder.target.l1Bytes) {
    return;
  }
  int part = attention.heads * attention.channels;
  auto firstOf = [&](SplitHeadsOp split) { return static_cast<int>(split.getPart()) * part; };
  auto lines = static_cast<int>(llvm::divideCeil(attention.channels, lineElements));
  // Those of q and k while scores are summed, those of v while the result is stored: the product
  // with v, which reads them where they lie, has no slots to spare.
  TaskPrefetch::Lines queryAndKey =
      linesIn(attention, attention.products.name() + ".s1.k", attention.channels);
  queryAndKey.first = firstOf(plan.query);
  queryAndKey.parts = 2;
  queryAndKey.partStride = firstOf(plan.key) - firstOf(plan.query);
  queryAndKey.lines = lines;
  const std::string &stored = attention.stored[1].name();
  TaskPrefetch::Lines value = linesIn(attention, stored + "." + stored, attention.rowBlock);
  value.first = firstOf(plan.value);
  value.lines = lines;
  builder.addPrefetch({.buffer = builder.parameterOf(source).name(),
                       .taskLoop = ".task",
                       .firstOfRows = firstOfTokens(builder, attention),
                       .rows = attention.keys,
                       .lines = {queryAndKey, value}});
  builder.describe("the next head's rows fetched");
}

/// Fetches the next head's part of the table while the product with v is summed. Tables come from
/// memory: those of a deep stage are as large as its weights.
static void prefetchTable(KernelBuilder &builder, const Attention &attention) {
  AttentionPlan plan = builder.plan.attention;
  auto table = plan.bias ? dyn_cast<BlockArgument>(plan.bias->getOperand(1)) : nullptr;
  if (!table || builder.layoutOf(table).element != ElementType::F32) {
    return;
  }
  const BufferLayout &layout = builder.layoutOf(table);
  ArrayRef<int64_t> shape = layout.shape;
  if (shape.size() < 3 || attention.heads == 1 || shape.drop_back(2).back() != attention.heads) {
    return;
  }
  auto classes = static_cast<int>(llvm::product_of(shape.drop_back(3))),
       rows = static_cast<int>(shape.drop_back().back()), pitch = static_cast<int>(layout.pitch);
  int heads = attention.heads, groups = attention.groups;
  TaskPrefetch::Lines lines =
      linesIn(attention, attention.sums.name() + ".s1.k", attention.columns);
  lines.lines = static_cast<int>(llvm::divideCeil(pitch, lineElements));
  auto firstOfRows = [=](const Expr &task, const Expr &i) -> Expr {
    Expr g = task / heads % groups;
    auto op = dyn_cast<AddWindowBiasOp>(plan.bias);
    Expr matrix = op ? windowClassOf(op, g) : classes == 1 ? Expr(0) : g;
    return ((matrix * heads + task % heads) * rows + i) * pitch;
  };
  builder.addPrefetch({.buffer = builder.parameterOf(table).name(),
                       .taskLoop = ".task",
                       .firstOfRows = firstOfRows,
                       .rows = rows,
                       .lines = {lines}});
  builder.describe("the next head's table fetched");
}

void oriel::prefetchNextHead(KernelBuilder &builder, const Attention &attention) {
  prefetchRows(builder, attention);
  prefetchTable(builder, attention);
}
