//===- RegisterTile.cpp - Sums that stay in registers ---------------------===//

#include "compiler/Kernels/RegisterTile.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace oriel;

double oriel::cyclesPerStep(RegisterTile tile, ColumnSource source, const KernelTarget &target) {
  double multiplyAdds = tile.rows * tile.vectors / 2.0;
  // Two a cycle at best. (Measured: 10x8 is slower than 5x16 that computes an eighth more columns,
  // 12x8 faster than 6x16 that computes a fifth more.)
  double loads = (tile.rows + tile.vectors) / 1.9;
  // About 20 bytes a cycle with 32-byte vectors, 32 with 64-byte vectors.
  double cyclesPerVector = target.vectorWidth == 16 ? 2.0 : 1.6;
  double delivery = source == ColumnSource::SecondLevelCache ? tile.vectors * cyclesPerVector : 0;
  constexpr double latency = 4, loopOverhead = 0.3;
  return std::max({multiplyAdds, loads, delivery, latency}) + loopOverhead;
}

bool oriel::fits(RegisterTile tile, const KernelTarget &target) {
  return tile.rows * tile.vectors + tile.vectors + 1 <= target.vectorRegisters;
}

RegisterTile oriel::chooseRegisterTile(int64_t rows, int64_t vectors, int64_t step,
                                       const KernelTarget &target) {
  constexpr int64_t mostRows = 14, mostSteps = 4;
  // Wide tiles load less for each multiply-add than high ones that fill the registers. (Measured:
  // 7x48 is up to 1 % faster than 14x32. 8x48 is also oneDNN's:
  // oneapi-src/oneDNN:src/cpu/x64/gemm/f32/jit_avx512_common_gemm_f32.cpp.)
  constexpr int spare = 4;
  KernelTarget rest = target;
  rest.vectorRegisters -= target.vectorRegisters >= 32 ? spare : 0;
  RegisterTile best{1, static_cast<int>(step)};
  double bestCycles = 0;
  for (int64_t width = mostSteps * step; width >= step; width -= step) {
    for (int64_t height = std::min(rows, mostRows); vectors % width == 0 && height >= 1; --height) {
      RegisterTile tile{static_cast<int>(height), static_cast<int>(width)};
      double tiles = static_cast<double>(llvm::divideCeil(rows, height) * (vectors / width));
      double cycles = tiles * cyclesPerStep(tile, ColumnSource::SecondLevelCache, target);
      if (fits(tile, rest) && (bestCycles == 0 || cycles < bestCycles)) {
        best = tile;
        bestCycles = cycles;
      }
    }
  }
  return best;
}
