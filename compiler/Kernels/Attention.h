//===- Attention.h - The Funcs of an attention kernel ---------------------===//
#ifndef ORIEL_COMPILER_KERNELS_ATTENTION_H
#define ORIEL_COMPILER_KERNELS_ATTENTION_H

#include "compiler/Kernels/KernelBuilder.h"
#include "compiler/Kernels/RegisterTile.h"
#include "compiler/Kernels/TokenMap.h"

#include <list>

namespace oriel {

/// The pixels of a group's tokens, counted row by row, computed once a task: a Func of (t, g).
struct TokenPixels {
  TokenMap map;
  int tokens;
  Halide::Func pixel;
};

/// Everything is a Func of (innermost, row, head, group, batch) = (c or j, t or i, h, g, b).
struct Attention {
  /// k is transposed by blocks of so many tokens and channels.
  static constexpr int transposed = 4;

  int heads = 0, groups = 0;
  /// Tokens that ask and tokens that answer, and the channels of a head of q and k, and of v.
  int queries = 0, keys = 0, channels = 0, valueChannels = 0;
  /// Keys whose scores are the columns of a matrix: all, or all but the last, see isLastKeyApart.
  int columns = 0;

  std::list<TokenPixels> pixels;
  /// q, v, and k as it is read and with the tokens innermost.
  Halide::Func query, value, keyRows, key;
  /// Blocks of k, Funcs of (element, block of channels, block of tokens, h, g, b), by the steps of
  /// their transposition.
  std::vector<Halide::Func> keyBlocks;
  /// The product with k, and times the scale, with the bias and the padding masked.
  Halide::Func products, scores;
  Halide::Func maximum, exponentials, total, inverseTotal;
  /// Of the last key where it is apart: the product with its row, Funcs of (i, h, g, b).
  Halide::Func lastProducts, lastScores, lastExponentials;
  /// The product with v, and divided by the total.
  Halide::Func sums, result;
  Halide::RDom maximumDomain, totalDomain, lastDomain;
  /// The rows with the heads side by side, stored by its last update over (c, t, h, ...).
  Halide::Func output;
  Halide::RDom stored;

  /// Rows of scores that are computed together; both tiles' rows divide it.
  int rowBlock = 1;
  RegisterTile productTile{1, 1}, sumTile{1, 1};
  /// Whether rows of v are copied to scratch, or read where they lie.
  bool copiesValue = true;

  /// Whether the last key's scores are computed apart, a row's channels in vectors: the keys fill
  /// vectors but for it (49 of Swin's windows), and as a column it would cost a whole vector.
  bool isLastKeyApart() const { return columns < keys; }
};

/// Everything up to the result.
Attention defineAttention(KernelBuilder &builder);

/// The operand that the rows of q, k or v are read from, through `maps` if there are any.
mlir::Value sourceOf(SplitHeadsOp split, llvm::ArrayRef<mlir::Operation *> maps);

/// Chooses rowBlock, the tiles and whether v is copied.
void chooseAttentionTiles(KernelBuilder &builder, Attention &attention);

/// The tiles in words.
std::string describeTiles(const Attention &attention, const KernelTarget &target);

/// The order of computation, a task for each head of a group; all Funcs are defined. The output's
/// update is over (g, b), too.
void scheduleAttention(Attention &attention, const KernelTarget &target);

/// The same for all heads of a group, one after the other, where the output is computed at `group`,
/// which is within a task. The rows of k and v are copied for all of them at once, or for each.
void scheduleAttentionOfGroup(Attention &attention, const KernelTarget &target,
                              const Halide::LoopLevel &group, bool copiesAllHeads);

/// The same for a device, tile and all.
void scheduleAttentionOnGpu(KernelBuilder &builder, Attention &attention);

/// Fetches what the next of scheduleAttention's tasks reads.
void prefetchNextHead(KernelBuilder &builder, const Attention &attention);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_ATTENTION_H
