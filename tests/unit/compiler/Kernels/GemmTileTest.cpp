//===- GemmTileTest.cpp - The tasks that a GEMM is cut into ---------------===//

#include "compiler/Kernels/GemmTile.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

#include <algorithm>
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

// Layers of Swin-T and MobileViT-S whose rows make few blocks: 4 of 4, 4, 4 and 2 tiles; 2 of 4 and
// 3; one, whose panels make 3 or 5 groups.
TEST(GemmBlocks, GiveTwoThreadsNearlyTheSame) {
  struct Shape {
    int64_t rows, columns, depth;
  };
  for (const char *name : {"x86-64-v3", "x86-64-v4"}) {
    KernelTarget target = *KernelTarget::get(name);
    for (Shape shape : {Shape{196, 384, 1536}, Shape{49, 768, 3072}, Shape{64, 720, 240},
                        Shape{64, 240, 480}, Shape{784, 192, 768}}) {
      SCOPED_TRACE(std::string(name) + ", " + std::to_string(shape.rows) + " rows");
      int64_t panels = shape.columns / panelWidth;
      GemmTile tile = chooseGemmTile(shape.rows, panels, target);
      GemmBlocks blocks = chooseGemmBlocks(shape.rows, panels, shape.depth, tile, target);
      std::vector<int64_t> work = workOfTasks(shape.rows, panels, tile, blocks);
      int64_t all = 0;
      for (int64_t task : work) {
        all += task;
      }
      EXPECT_EQ(panels % blocks.panels, 0);
      EXPECT_LE(2 * timeOnTwoThreads(work) * 10, all * 11);
    }
  }
}
