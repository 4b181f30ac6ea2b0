//===- GemmTile.cpp - The register tile and the blocks of a GEMM ----------===//

#include "compiler/Kernels/GemmTile.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
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

GemmBlocks oriel::chooseGemmBlocks(int64_t rows, int64_t panels, int64_t depth, GemmTile tile,
                                   const KernelTarget &target) {
  int64_t tiles = divideCeil(rows, int64_t(tile.rows));
  int64_t tileBytes = tile.rows * depth * int64_t(sizeof(float));
  int64_t blockTiles = std::max<int64_t>(1, target.l2Bytes / 3 / tileBytes);
  int64_t blocks = divideCeil(tiles, blockTiles);
  // Two threads share an odd number of blocks badly while it is small.
  if (blocks % 2 == 1 && blocks < 9 && tiles >= 12) {
    ++blocks;
  }
  // Few rows: halve, or quarter, the panels instead.
  int64_t groups = 1, panelTiles = panels / tile.panels;
  if (blocks == 1) {
    for (int64_t count : {4, 2, 3, 5, 7}) {
      if (panelTiles % count == 0) {
        groups = count;
        break;
      }
    }
  }
  return {static_cast<int>(divideCeil(tiles, blocks)), static_cast<int>(panels / groups)};
}
