//===- AttentionSchedule.cpp - The schedule of attention ------------------===//
//
// One task for each head of a group, or for all heads of it: the rows of k, and of v where reading
// them in place is slower, are copied to scratch, then k is transposed, so that tokens are
// innermost. Then, a block of rows at a time, scores, softmax and the product with v, whose
// operands stay in the first-level cache. Both products sum in registers.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Attention.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace oriel;
using Halide::Func, Halide::LoopLevel, Halide::MemoryType, Halide::RDom, Halide::RVar,
    Halide::Stage, Halide::TailStrategy, Halide::Var;
using llvm::divideCeil;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Whether the tile's sums stay in registers beside the constants of the exponential, which the
/// compiler keeps there all through a task. Of 16 registers a tile needs most, and the compiler
/// chooses among the two. (Measured: 4x48 is 9 % faster than 8x48 for 36 channels with AVX-512.)
static bool fitsWithConstants(RegisterTile tile, const KernelTarget &target) {
  constexpr int constants = 6;
  KernelTarget rest = target;
  if (target.vectorRegisters >= 32) {
    rest.vectorRegisters -= constants;
  }
  return fits(tile, rest);
}

/// The tile of least time for a block of `rows` rows times `columns` columns, which may be padded
/// to whole tiles, after `depth` steps of reduction. Adds that time, in cycles, to `cycles`.
static RegisterTile chooseTile(int rows, int columns, int depth, const KernelTarget &target,
                               double &cycles) {
  int lanes = static_cast<int>(target.vectorWidth);
  int vectors = divideCeil(columns, lanes);
  int64_t columnBytes = int64_t(vectors) * lanes * depth * int64_t(sizeof(float));
  ColumnSource source = columnBytes > target.l1Bytes / 2 ? ColumnSource::SecondLevelCache
                                                         : ColumnSource::FirstLevelCache;
  RegisterTile best{1, 1};
  double least = std::numeric_limits<double>::infinity();
  for (int height = 1; height <= rows; ++height) {
    for (int width = 1; width <= std::min(vectors, 6); ++width) {
      RegisterTile tile{height, width};
      if (rows % height != 0 || !fitsWithConstants(tile, target)) {
        continue;
      }
      double steps = static_cast<double>(rows / height * divideCeil(vectors, width)) * depth;
      double time = steps * cyclesPerStep(tile, source, target);
      if (time < least) {
        best = tile;
        least = time;
      }
    }
  }
  cycles += least;
  return best;
}

/// Tiles whose rows divide `rows`, and the cycles of a block of so many rows. Softmax counts where
/// the last block has rows to spare.
static double chooseTilesOfBlock(Attention &attention, int rows, const KernelTarget &target) {
  constexpr double blockOverhead = 50, softmaxOfScore = 0.5;
  double cycles = blockOverhead + softmaxOfScore * static_cast<double>(rows * attention.columns);
  attention.rowBlock = rows;
  attention.productTile = chooseTile(rows, attention.columns, attention.channels, target, cycles);
  attention.sumTile = chooseTile(rows, attention.valueChannels, attention.columns, target, cycles);
  return cycles;
}

/// Whether the rows of v are better copied than read by every block of rows from where they lie.
/// Each step of the product with v looks up its row's address, which the multiply-adds of 512 bits
/// leave time for. (Measured: on 49 tokens 4 % faster in place with AVX-512, 3 to 5 % slower with
/// AVX2; on 256 tokens of 36 channels, which half the first-level cache does not hold, 2 % slower.)
static bool prefersCopiedValue(KernelBuilder &builder, const Attention &attention) {
  const KernelTarget &target = builder.target;
  int64_t bytes = int64_t(attention.keys) * attention.valueChannels * int64_t(sizeof(float));
  AttentionPlan plan = builder.plan.attention;
  const BufferLayout &layout = builder.layoutOf(sourceOf(plan.value, plan.valueMaps));
  return !target.hasAvx512 || bytes > target.l1Bytes / 2 || layout.exact;
}

void oriel::chooseAttentionTiles(KernelBuilder &builder, Attention &attention) {
  const KernelTarget &target = builder.target;
  // Scores and exponentials of a block stay in the first-level cache.
  int64_t rowBytes = int64_t(2) * attention.columns * int64_t(sizeof(float));
  int mostRows = static_cast<int>(std::clamp<int64_t>(target.l1Bytes * 3 / 4 / rowBytes, 4, 12));
  double least = std::numeric_limits<double>::infinity();
  int64_t best = 1;
  std::vector<int64_t> accepted;
  for (int rows = 1; rows <= std::min(mostRows, attention.queries); ++rows) {
    double cycles = chooseTilesOfBlock(attention, rows, target) *
                    static_cast<double>(divideCeil(attention.queries, rows));
    if (cycles < least) {
      least = cycles;
      best = rows;
    }
    accepted.push_back(rows);
  }
  int64_t rows = builder.choose("row_block", best, std::move(accepted));
  chooseTilesOfBlock(attention, static_cast<int>(rows), target);
  attention.copiesValue =
      builder.choose("copies_value", prefersCopiedValue(builder, attention), {0, 1}) == 1;
}

//===----------------------------------------------------------------------===//
// Schedule
//===----------------------------------------------------------------------===//

namespace {

class AttentionScheduler {
public:
  AttentionScheduler(Attention &attention, const KernelTarget &target)
      : attention(attention), lanes(static_cast<int>(target.vectorWidth)) {}

  /// A task is a head of a group.
  void scheduleTasks();
  /// All heads of a group are computed at `group`.
  void scheduleGroup(const LoopLevel &group, bool copiesAllHeads);

private:
  void scheduleRest() {
    scheduleHeads();
    scheduleScores();
    scheduleSoftmax();
    scheduleTiledProduct(attention.result, attention.sums, attention.sumTile,
                         attention.valueChannels);
  }

  Stage scheduleStores();
  void scheduleHeads();
  void transposeKey();
  void scheduleScores();
  void scheduleSoftmax();
  void scheduleTiledProduct(Func store, Func product, RegisterTile tile, int columns);
  void scheduleRowReduction(Func reduction, const RDom &domain, int extent, const LoopLevel &row);
  int alignToLanes(int extent) const { return static_cast<int>(divideCeil(extent, lanes)) * lanes; }

  Attention &attention;
  const int lanes;
  /// Where the tokens' pixels are computed, where the rows of k and v are copied, where k is
  /// transposed, and where a block of rows is computed.
  LoopLevel group, copies, head, block;
  bool copiesAllHeads = false;
};

} // namespace

/// The loops over the channels and rows of a head.
Stage AttentionScheduler::scheduleStores() {
  RDom &r = attention.stored;
  RVar c = r[0], token = r[1], blockOfRows("block");
  // Stores must not reach into the next head.
  int storedLanes = std::min(lanes, attention.valueChannels & -attention.valueChannels);
  Func output = attention.output;
  Stage stores = output.update(output.num_update_definitions() - 1);
  // Each element is stored once: the maps are permutations.
  stores.allow_race_conditions()
      .split(token, blockOfRows, token, attention.rowBlock, TailStrategy::GuardWithIf)
      .reorder(c, token, blockOfRows, r[2])
      .vectorize(c, storedLanes)
      .unroll(c)
      .never_partition_all();
  block = LoopLevel(output, blockOfRows);
  return stores;
}

void AttentionScheduler::scheduleTasks() {
  RDom &r = attention.stored;
  RVar groupAndBatch("group_batch"), all("task");
  scheduleStores()
      .reorder(r[2], r[3], r[4])
      .fuse(r[3], r[4], groupAndBatch)
      .fuse(r[2], groupAndBatch, all)
      .parallel(all)
      .never_partition_all();
  group = copies = head = LoopLevel(attention.output, all);
  scheduleRest();
}

void AttentionScheduler::scheduleGroup(const LoopLevel &ofGroup, bool allHeads) {
  scheduleStores();
  group = ofGroup;
  head = LoopLevel(attention.output, attention.stored[2]);
  copiesAllHeads = allHeads;
  copies = copiesAllHeads ? group : head;
  scheduleRest();
}

void AttentionScheduler::scheduleHeads() {
  for (TokenPixels &table : attention.pixels) {
    Var t = table.pixel.args()[0];
    table.pixel.compute_at(group)
        .store_in(MemoryType::Stack)
        .bound_extent(t, alignToLanes(table.tokens))
        .vectorize(t, lanes);
  }
  auto copyRows = [&](Func rows, int extent) {
    Var c = rows.args()[0], t = rows.args()[1], h = rows.args()[2];
    rows.compute_at(copies)
        .store_in(MemoryType::Heap)
        .bound_extent(c, extent)
        .vectorize(c, lanes)
        .unroll(c);
    if (copiesAllHeads) {
      // As they lie in memory.
      rows.reorder(c, h, t);
    }
  };
  // k, too: its rows lie far apart, and copies wait for more of them at a time than the shuffles.
  copyRows(attention.keyRows, alignToLanes(attention.channels));
  if (attention.copiesValue) {
    int sumLanes = attention.sumTile.vectors * lanes;
    copyRows(attention.value,
             static_cast<int>(divideCeil(attention.valueChannels, sumLanes)) * sumLanes);
  }
  transposeKey();
}

/// Blocks of k are transposed in registers.
void AttentionScheduler::transposeKey() {
  constexpr int size = Attention::transposed;
  Func key = attention.key;
  Var t = key.args()[0], c = key.args()[1], lane("lane"), channel("channel");
  int productLanes = attention.productTile.vectors * lanes;
  key.compute_at(head)
      .store_in(MemoryType::Heap)
      .bound_extent(t, static_cast<int>(divideCeil(attention.columns, productLanes)) * productLanes)
      .bound_extent(c, static_cast<int>(llvm::alignTo(attention.channels, size)))
      .split(t, t, lane, size)
      .split(c, c, channel, size)
      .reorder(lane, channel, c, t)
      .vectorize(lane)
      .unroll(channel);
  for (Func &step : attention.keyBlocks) {
    // A row at first, then two at a time, which is what interleaving two vectors gives.
    Var element = step.args()[0];
    bool isFirst = &step == &attention.keyBlocks.front();
    step.compute_at(key, c)
        .store_in(MemoryType::Register)
        .bound_extent(element, size * size)
        .vectorize(element, isFirst ? size : 2 * size)
        .unroll(element);
  }
}

/// `store` holds a block of rows of `product`, which is summed in register tiles.
void AttentionScheduler::scheduleTiledProduct(Func store, Func product, RegisterTile tile,
                                              int columns) {
  int tileColumns = tile.vectors * lanes;
  Var j = store.args()[0], i = store.args()[1], column("column"), row("row");
  store.compute_at(block)
      .store_in(MemoryType::Stack)
      .bound_extent(j, static_cast<int>(divideCeil(columns, tileColumns)) * tileColumns)
      .bound_extent(i, attention.rowBlock)
      .split(j, j, column, tileColumns)
      .split(i, i, row, tile.rows)
      .reorder(column, row, j, i)
      .vectorize(column, lanes)
      .unroll(column)
      .unroll(row);
  Var c = product.args()[0], t = product.args()[1];
  product.compute_at(store, j)
      .store_in(MemoryType::Register)
      .bound_extent(c, tileColumns)
      .bound_extent(t, tile.rows)
      .vectorize(c, lanes)
      .unroll(c)
      .unroll(t);
  RVar k(product.update().get_schedule().rvars()[0].var);
  product.update().reorder(c, t, k).vectorize(c, lanes).unroll(c).unroll(t);
}

void AttentionScheduler::scheduleScores() {
  scheduleTiledProduct(attention.scores, attention.products, attention.productTile,
                       attention.columns);
  if (attention.isLastKeyApart()) {
    Func last = attention.lastScores;
    Var row = last.args()[0];
    last.compute_at(block).store_in(MemoryType::Stack).bound_extent(row, attention.rowBlock);
    attention.lastProducts.compute_at(last, row).store_in(MemoryType::Register);
    scheduleRowReduction(attention.lastProducts, attention.lastDomain, attention.channels,
                         {last, row});
  }
}

/// A row's reduction: lane by lane first, then across the lanes. Long rows in several vectors of
/// lanes, so that an addition need not wait for the one before.
void AttentionScheduler::scheduleRowReduction(Func reduction, const RDom &domain, int extent,
                                              const LoopLevel &row) {
  RVar vector("vector"), lane("lane");
  Var lanesOfSum("lanes");
  int vectors = static_cast<int>(divideCeil(extent, lanes));
  bool isLong = vectors > 16;
  int sums = isLong && vectors % 4 == 0 ? 4 : 1;
  Func partial =
      reduction.update().split(domain.x, vector, lane, sums * lanes).rfactor(lane, lanesOfSum);
  partial.compute_at(row)
      .store_in(MemoryType::Register)
      .vectorize(lanesOfSum, lanes)
      .unroll(lanesOfSum);
  partial.update().vectorize(lanesOfSum, lanes).unroll(lanesOfSum);
  if (!isLong) {
    partial.update().unroll(vector);
  }
  reduction.update().atomic().vectorize(lane, sums * lanes);
}

void AttentionScheduler::scheduleSoftmax() {
  Func exponentials = attention.exponentials;
  Var j = exponentials.args()[0], i = exponentials.args()[1];
  int vectors = static_cast<int>(divideCeil(attention.columns, lanes));
  exponentials.compute_at(block)
      .store_in(MemoryType::Stack)
      .bound_extent(j, alignToLanes(attention.columns))
      .bound_extent(i, attention.rowBlock)
      .vectorize(j, lanes)
      .unroll(j, vectors <= 8       ? vectors
                 : vectors % 4 == 0 ? 4
                                    : 1);
  auto keepRows = [&](Func rows) {
    Var row = rows.args()[0];
    rows.compute_at(block).store_in(MemoryType::Stack).bound_extent(row, attention.rowBlock);
  };
  // What is no reduction over the row is computed for all rows at once.
  auto keepRowsAsVector = [&](Func rows) {
    keepRows(rows);
    rows.vectorize(rows.args()[0], attention.rowBlock);
  };
  LoopLevel maximumRow(exponentials, i);
  if (attention.isLastKeyApart()) {
    keepRowsAsVector(attention.maximum);
    maximumRow = LoopLevel(attention.maximum, attention.maximum.args()[0]);
    keepRowsAsVector(attention.lastExponentials);
  } else {
    attention.maximum.compute_at(maximumRow).store_in(MemoryType::Register);
  }
  scheduleRowReduction(attention.maximum, attention.maximumDomain, attention.columns, maximumRow);

  keepRowsAsVector(attention.total);
  scheduleRowReduction(attention.total, attention.totalDomain, attention.columns,
                       {attention.total, attention.total.args()[0]});
  keepRows(attention.inverseTotal);
}

void oriel::scheduleAttention(Attention &attention, const KernelTarget &target) {
  AttentionScheduler(attention, target).scheduleTasks();
}

void oriel::scheduleAttentionOfGroup(Attention &attention, const KernelTarget &target,
                                     const LoopLevel &group, bool copiesAllHeads) {
  AttentionScheduler(attention, target).scheduleGroup(group, copiesAllHeads);
}
