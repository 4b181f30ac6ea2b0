//===- GemmTileTest.cpp - The tasks that a GEMM is cut into ---------------===//

#include "compiler/Kernels/GemmTile.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>
#include <vector>

using namespace oriel;

/// Tiles times panels of each task of a GEMM, in the order of the tasks.
static std::vector<int64_t> workOfTasks(int64_t rows, int64_t panels, GemmTile tile,
                                        const GemmBlocks &blocks) {
  std::vector<int64_t> work;
  int64_t tiles = llvm::divideCeil(rows, int64_t(tile.rows));
  for (int64_t first = 0; first < tiles; first += blocks.tiles) {
    for (int64_t panel = 0; panel < panels; panel += blocks.panels) {
      work.push_back(std::min<int64_t>(blocks.tiles, tiles - first) * blocks.panels);
    }
  }
  return work;
}

/// When the last of two threads ends that have half of the tasks each, and take the last of the
/// other's when they are through with their own.
static int64_t timeOnTwoThreads(const std::vector<int64_t> &work) {
  size_t next[] = {0, work.size() / 2 + work.size() % 2}, end[] = {next[1], work.size()};
  int64_t time[] = {0, 0};
  for (size_t done = 0; done < work.size(); ++done) {
    int thread = time[0] <= time[1] ? 0 : 1;
    int owner = next[thread] < end[thread] ? thread : 1 - thread;
    time[thread] += work[owner == thread ? next[owner]++ : --end[owner]];
  }
  return std::max(time[0], time[1]);
}

namespace {
struct Layer {
  int64_t rows, columns, depth;
};

/// How a layer is cut into tasks.
struct Cut {
  GemmTile tile;
  GemmBlocks blocks;
  /// See workOfTasks.
  std::vector<int64_t> work;
};
} // namespace

static const char *const levels[] = {"x86-64-v3", "x86-64-v4"};

static Cut cut(Layer layer, bool preparesRows, const KernelTarget &target) {
  int64_t panels = layer.columns / panelWidth;
  GemmTile tile = chooseGemmTile(layer.rows, panels, target);
  GemmBlocks blocks =
      chooseGemmBlocks({layer.rows, panels, layer.depth, preparesRows}, tile, target);
  EXPECT_EQ(panels % blocks.panels, 0);
  return {tile, blocks, workOfTasks(layer.rows, panels, tile, blocks)};
}

// Layers of Swin-T, Swin-B and MobileViT-S whose rows make few blocks: 2, 4 or 6, of which the last
// may have fewer tiles; one, whose panels make 3 or 5 groups.
TEST(GemmBlocks, GiveTwoThreadsNearlyTheSame) {
  for (const char *level : levels) {
    for (Layer layer : {Layer{196, 384, 1536}, Layer{196, 512, 2048}, Layer{49, 768, 3072},
                        Layer{64, 720, 240}, Layer{64, 240, 480}, Layer{784, 192, 768}}) {
      SCOPED_TRACE(std::string(level) + ", " + std::to_string(layer.rows) + " rows");
      std::vector<int64_t> work = cut(layer, false, *KernelTarget::get(level)).work;
      int64_t all = std::accumulate(work.begin(), work.end(), int64_t(0));
      EXPECT_LE(2 * timeOnTwoThreads(work) * 10, all * 11);
    }
  }
}

TEST(GemmBlocks, ShareTheirPanelsWhereTheyAreEqualAndOdd) {
  // 98 tiles of 8 rows in 7 blocks of 14; rows that are prepared, in 8, of which one has 7 of 13.
  KernelTarget target = *KernelTarget::get("x86-64-v4");
  Layer layer{784, 192, 768};
  for (bool preparesRows : {false, true}) {
    std::vector<int64_t> work = cut(layer, preparesRows, target).work;
    int64_t all = std::accumulate(work.begin(), work.end(), int64_t(0));
    EXPECT_EQ(work.size(), preparesRows ? 8 : 14);
    EXPECT_EQ(2 * timeOnTwoThreads(work) == all, !preparesRows);
  }
}

TEST(GemmBlocks, HaveManyRowsWhereAllPanelsAreReadAgain) {
  for (const char *level : levels) {
    KernelTarget target = *KernelTarget::get(level);
    Layer layer{196, 384, 1536};
    auto [tile, blocks, work] = cut(layer, false, target);
    int64_t bytes = int64_t(blocks.tiles) * tile.rows * layer.depth * int64_t(sizeof(float));
    EXPECT_GT(bytes, target.l2Bytes / 3) << level;
    EXPECT_LE(bytes, target.l2Bytes * 2 / 3) << level;
  }
}

TEST(GemmBlocks, HaveAllPanelsOfPreparedRows) {
  // 33 tiles of 6 rows in blocks of 9, 9, 9 and 6: one thread has 9 % more than half.
  KernelTarget target = *KernelTarget::get("x86-64-v3");
  Layer layer{196, 512, 1536};
  EXPECT_EQ(cut(layer, true, target).blocks.panels, layer.columns / panelWidth);
  EXPECT_LT(cut(layer, false, target).blocks.panels, layer.columns / panelWidth);
}
