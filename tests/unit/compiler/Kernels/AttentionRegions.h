//===- AttentionRegions.h - Attention as tests of kernels have it ---------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_KERNELS_ATTENTIONREGIONS_H
#define ORIEL_TESTS_UNIT_COMPILER_KERNELS_ATTENTIONREGIONS_H

#include "tests/unit/compiler/Kernels/RegionBuilder.h"

namespace oriel::test {

enum class Bias { None, Windows, Added };

/// softmax(q k^T / sqrt(d) + bias) v of tokens [B, G, T, C], heads merged.
struct Heads {
  int64_t heads, channels;
  Bias bias = Bias::None;
  /// Shape of the bias.
  std::vector<int64_t> table = {};
  /// Rows and columns of windows.
  std::vector<int64_t> windows = {};
  bool scaleQuery = true;
};

/// Of heads that are split already.
mlir::Value attend(RegionBuilder &region, mlir::Value query, mlir::Value key, mlir::Value value,
                   const Heads &c);

/// Of the three parts of `qkv`.
mlir::Value attendTo(RegionBuilder &region, mlir::Value qkv, const Heads &c);

/// Shifted windows of a [height, width] map, as Swin has them.
struct Windows {
  int64_t height, width;
  std::vector<int64_t> window, shift;
  Memory input = arena, output = arena;
};

/// Attention in the windows of a map that is an operand of the kernel, with a table of so many
/// classes of windows.
mlir::Value attendInWindows(RegionBuilder &region, const Windows &w, Heads c, int64_t classes);

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_KERNELS_ATTENTIONREGIONS_H
