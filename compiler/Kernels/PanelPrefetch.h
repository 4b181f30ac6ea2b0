//===- PanelPrefetch.h - Fetching what a register tile will wait for ------===//
#ifndef ORIEL_COMPILER_KERNELS_PANELPREFETCH_H
#define ORIEL_COMPILER_KERNELS_PANELPREFETCH_H

#include "Halide.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

/// The panels that a product reads next are fetched while it reads the present ones: a line of each
/// at every turn of the loop over the reduction. The first row tile to read a panel that is in no
/// near cache waits for memory as long as two to four tiles compute, and the processor's own
/// prefetching starts anew on every page; a fetch of a whole panel at once waits just as long.
struct PanelPrefetch {
  struct Loop {
    /// The last part of the loop's name in the statement, and its extent.
    std::string name;
    int64_t extent;
  };
  /// The lines that a tile stores to, or adds as a residual, are fetched while it is summed: no
  /// near cache holds them, as memory of the arena was last used many kernels ago, and all accesses
  /// of a tile come at once.
  struct TileRows {
    /// Where the tile's rows lie one behind the other, `pitch` elements apart.
    std::string buffer;
    int64_t rows, pitch;
  };

  /// The weights' buffer, [panel][k][16].
  std::string weights;
  /// The loop over the reduction, or a part of it, in `lines / reduction.extent` steps each.
  Loop reduction;
  /// Lines of a panel that are read in that loop.
  int64_t lines;
  /// Loops over the row tiles that read the same panels, from the outermost.
  std::vector<Loop> tiles;
  /// Panels in a tile, and elements of one.
  int panels;
  int64_t panelElements;
  std::vector<TileRows> accessed = {};
};

/// Adds the fetches to what `pipeline` computes.
void addPrefetch(Halide::Pipeline &pipeline, const PanelPrefetch &prefetch);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_PANELPREFETCH_H
