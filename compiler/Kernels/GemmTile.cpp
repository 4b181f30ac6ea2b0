//===- GemmTile.cpp - The register tile and the blocks of a GEMM ----------===//

#include "compiler/Kernels/GemmTile.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cassert>

using namespace oriel;
using llvm::divideCeil;

/// Cycles of one tile for each step of the reduction.
static double cyclesPerStep(GemmTile tile, int64_t vectorsPerPanel) {
  double columns = static_cast<double>(tile.panels * vectorsPerPanel);
  double multiplyAdds = tile.rows * columns / 2;
  double loads = (tile.rows + columns) / 2;
  constexpr double latency = 4, loopOverhead = 0.3;
  return std::max({multiplyAdds, loads, latency}) + loopOverhead;
}

GemmTile oriel::chooseGemmTile(int64_t rows, int64_t panels, const KernelTarget &target) {
  int64_t vectorsPerPanel = 16 / target.vectorWidth;
  GemmTile best{1, 1};
  double bestCycles = 0;
  for (int tilePanels : {4, 3, 2, 1}) {
    if (panels % tilePanels != 0) {
      continue;
    }
    int64_t columns = tilePanels * vectorsPerPanel;
    // Sums, one row of the panels and one broadcast element.
    int64_t mostRows = (target.vectorRegisters - 1 - columns) / columns;
    for (int64_t tileRows = std::min<int64_t>({mostRows, rows, 14}); tileRows >= 1; --tileRows) {
      GemmTile tile{static_cast<int>(tileRows), tilePanels};
      double cycles = static_cast<double>(divideCeil(rows, tileRows) * (panels / tilePanels)) *
                      cyclesPerStep(tile, vectorsPerPanel);
      if (bestCycles == 0 || cycles < bestCycles) {
        bestCycles = cycles;
        best = tile;
      }
    }
  }
  return best;
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
