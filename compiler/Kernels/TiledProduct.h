//===- TiledProduct.h - A matrix product in register tiles ----------------===//
#ifndef ORIEL_COMPILER_KERNELS_TILEDPRODUCT_H
#define ORIEL_COMPILER_KERNELS_TILEDPRODUCT_H

#include "compiler/Kernels/GemmTile.h"
#include "compiler/Kernels/KernelBuilder.h"

namespace oriel {

/// The loop over the reduction of a tile's sums, where it is unrolled.
inline constexpr char reductionLoop[] = "k_steps";

/// A linear layer or 1x1 convolution on rows: a Func over (n, row, ...) whose sums of a tile of
/// rows times columns stay in registers.
struct TiledProduct {
  /// The product with the bias, one update for each part of the reduction.
  DefinedValue sums;
  int parts = 1;
  GemmTile tile{};
  /// Of the reduction, a divisor of its extent: those of one turn of the loop `reductionLoop`. 1:
  /// no such loop.
  int steps = 1;
  /// The steps of a turn are unrolled, and not a loop of their own.
  bool unrollsSteps = true;

  int columns() const { return tile.panels * panelLanes; }
};

/// Defines the product of a linear layer or 1x1 convolution with what the builder has for its
/// operands, and puts it in place of the op's result. A concat before the op is read in place.
TiledProduct defineProduct(KernelBuilder &builder, mlir::Operation *op);

/// The extent of the op's reduction.
int64_t reductionDepth(mlir::Operation *op);

/// The memory that a tile of `output`, the kernel's, is stored to, and that of the residuals which
/// the epilogue adds to it.
std::vector<PanelPrefetch::TileRows>
accessedRows(const KernelBuilder &builder, const TiledProduct &product, const Halide::Func &output);

/// Fetches the panels of the op's weight read next while `tiles`, loops over all row tiles that
/// read the same panels, read theirs, every few steps of the reduction over `depth`, and the rows
/// `accessed` by a tile. Those steps become the product's, so to be called before its sums are
/// scheduled.
void prefetchPanels(KernelBuilder &builder, mlir::Operation *op, TiledProduct &product, int depth,
                    std::vector<PanelPrefetch::Loop> tiles,
                    std::vector<PanelPrefetch::TileRows> accessed = {});

/// Sums a tile at `level`: all in registers, the reduction outermost. `sums` is that of the
/// product, or a part of it.
void scheduleTileSums(Halide::Func sums, const TiledProduct &product,
                      const Halide::LoopLevel &level);

/// Sums a tile at `level` as above, then stores it to scratch on the stack, from where the loops
/// inside of `level` read it. To be called when all that reads the product is defined.
void scheduleTileThroughScratch(const TiledProduct &product, const Halide::LoopLevel &level);

/// The loops of a stage over (c, row) that stores the product's tiles, one tile after the other
/// down a panel; returns the loop over a panel's tiles.
template <typename StageOrFunc>
Halide::Var splitIntoTiles(StageOrFunc &stage, const TiledProduct &product, const Halide::Var &c,
                           const Halide::Var &row) {
  using Halide::TailStrategy, Halide::Var;
  Var lane("lane"), r("r"), tile(Halide::Internal::unique_name("tile")), panel("panel");
  stage.split(row, tile, r, product.tile.rows, TailStrategy::RoundUp)
      .split(c, panel, lane, product.columns(), TailStrategy::RoundUp)
      .reorder(lane, r, tile, panel)
      .vectorize(lane, panelLanes)
      .unroll(lane)
      .unroll(r);
  return tile;
}

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_TILEDPRODUCT_H
