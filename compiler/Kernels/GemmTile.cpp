//===- GemmTile.cpp - The register tile and the blocks of a GEMM ----------===//

#include "compiler/Kernels/GemmTile.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/BufferLayout.h"
#include "compiler/Kernels/RegisterTile.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cassert>

using namespace oriel;
using llvm::divideCeil;

GemmTile oriel::chooseGemmTile(int64_t rows, int64_t panels, const KernelTarget &target) {
  int64_t vectorsPerPanel = panelWidth / target.vectorWidth;
  RegisterTile tile = chooseRegisterTile(rows, panels * vectorsPerPanel, vectorsPerPanel, target);
  return {tile.rows, static_cast<int>(tile.vectors / vectorsPerPanel)};
}

/// `depth` where a third of the second-level cache holds the rows of three tiles, each panel then
/// being read once for so many. Else the largest divisor of which it holds six, if that is worth
/// the sums' way to scratch and back. (Measured: 196x384x1536 is 8 % faster as a whole, 49x768x3072
/// 10 % faster in three parts, each 5 % slower in parts of 256, whose panels are in the first-level
/// cache.)
static int64_t chooseDepth(int64_t depth, GemmTile tile, const KernelTarget &target) {
  constexpr int64_t enoughTiles = 3, tilesOfPart = 6, leastDepth = 256;
  int64_t most = target.l2Bytes / 3 / (tile.rows * int64_t(sizeof(float)));
  if (depth <= most / enoughTiles) {
    return depth;
  }
  for (int64_t part = most / tilesOfPart; part >= leastDepth; --part) {
    if (depth % part == 0) {
      return part;
    }
  }
  return depth;
}

/// Tiles whose rows a third of the second-level cache holds. Each block reads all panels, so where
/// that is few rows, as many as two thirds hold. (Measured: 196x1536x384 in blocks of 98 rows and
/// not of 56 is 2 % faster, with AVX2 196x2048x512 in 36 and not 18 rows 4 %.)
static int64_t tilesOfBlock(int64_t tileBytes, GemmTile tile, const KernelTarget &target) {
  constexpr int64_t enoughRows = 96;
  int64_t few = target.l2Bytes / 3 / tileBytes, many = target.l2Bytes * 2 / 3 / tileBytes;
  return std::max<int64_t>({1, few, std::min(many, int64_t(divideCeil(enoughRows, tile.rows)))});
}

/// The least divisor of `panelTiles` that makes `tasks` tasks or more of `blocks` blocks; all panel
/// tiles apart where none does.
static int64_t shareOut(int64_t panelTiles, int64_t blocks, int64_t tasks) {
  int64_t best = 1;
  for (int64_t groups = 1; groups <= panelTiles && best * blocks < tasks; ++groups) {
    if (panelTiles % groups == 0) {
      best = groups;
    }
  }
  return best;
}

/// Groups of panels where there is one block of rows: a few, best an even number.
static int64_t shareOutRow(int64_t panelTiles) {
  for (int64_t groups : {4, 2, 3, 5, 7}) {
    if (panelTiles % groups == 0) {
      return groups;
    }
  }
  return 1;
}

GemmBlocks oriel::chooseGemmBlocks(const GemmShape &shape, GemmTile tile,
                                   const KernelTarget &target) {
  int64_t tiles = divideCeil(shape.rows, int64_t(tile.rows)), depth = shape.depth;
  int64_t part = chooseDepth(depth, tile, target);
  int64_t tileBytes = tile.rows * part * int64_t(sizeof(float));
  int64_t blockTiles = tilesOfBlock(tileBytes, tile, target);
  if (part < depth) {
    // A block is computed whole, though the last one may lie behind the rows but for the first.
    blockTiles = std::clamp<int64_t>(arenaSlackRows / tile.rows, 1, blockTiles);
  }
  int64_t blocks = divideCeil(tiles, blockTiles);
  int64_t panelTiles = shape.panels / tile.panels;
  if (part < depth) {
    // A task reads the whole depth of its rows and panels from beyond the second-level cache.
    int64_t groups = shareOut(panelTiles, blocks, 8);
    return {static_cast<int>(divideCeil(tiles, blocks)), static_cast<int>(shape.panels / groups),
            static_cast<int>(part)};
  }
  // Two threads share an odd number of blocks badly while it is small: one more of them, or where
  // they are equal and hold no prepared rows, each in two groups of panels. (Measured: 784x768x192
  // in tiles of 8x48 on two threads 5 % faster in 7 blocks of 14 tiles than in 8, of which one has
  // 7 of 13.)
  int64_t groups = 1;
  if (blocks % 2 == 1 && blocks < 9 && tiles >= 12) {
    if (blocks > 1 && tiles % blocks == 0 && panelTiles % 2 == 0 && !shape.preparesRows) {
      groups = 2;
    } else {
      ++blocks;
    }
  }
  if (blocks == 1) {
    groups = shareOutRow(panelTiles);
    if (groups % 2 == 1 && tiles > 1) {
      blocks = 2;
    }
  }
  // Where the last block lacks so many tiles that two threads would share them badly, they share
  // panels, too; rows are prepared once for each group of panels then. (Measured, AVX2:
  // 196x2048x512 on two threads 9 % faster in 24 tasks than in 6, of which one has 16 rows of 36;
  // products of prepared rows up to 7 % slower on one thread.)
  constexpr int64_t manyTasks = 16;
  int64_t mostPercent = shape.preparesRows ? 110 : 105;
  int64_t tilesOfHalf = divideCeil(blocks, int64_t(2)) * divideCeil(tiles, blocks);
  if (blocks > 1 && groups == 1 && 2 * tilesOfHalf * 100 > tiles * mostPercent) {
    groups = shareOut(panelTiles, blocks, manyTasks);
  }
  return {static_cast<int>(divideCeil(tiles, blocks)), static_cast<int>(shape.panels / groups),
          static_cast<int>(depth)};
}
