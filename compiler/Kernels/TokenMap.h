//===- TokenMap.h - Where in a feature map the tokens of a group lie ------===//
#ifndef ORIEL_COMPILER_KERNELS_TOKENMAP_H
#define ORIEL_COMPILER_KERNELS_TOKENMAP_H

#include "compiler/Dialect/Graph/GraphDialect.h"

#include "Halide.h"

namespace oriel {

/// A feature map cut into groups of tokens, perhaps after a roll: what a chain of index maps does,
/// in either direction.
class TokenMap {
public:
  /// `maps`, in order of execution, are [roll] window_partition | unfold_patches, or
  /// window_reverse | fold_patches [roll].
  explicit TokenMap(llvm::ArrayRef<mlir::Operation *> maps);

  /// The pixel that token t of group g is read from or stored to.
  Halide::Expr x(const Halide::Expr &t, const Halide::Expr &g) const;
  Halide::Expr y(const Halide::Expr &t, const Halide::Expr &g) const;

  int getHeight() const { return size[0]; }
  int getWidth() const { return size[1]; }

  bool operator==(const TokenMap &other) const = default;

private:
  void setTiles(llvm::ArrayRef<int64_t> map, llvm::ArrayRef<int64_t> tile, bool groupsArePositions);
  Halide::Expr pixel(unsigned dimension, const Halide::Expr &t, const Halide::Expr &g) const;

  /// Of the map and of its tiles: rows, columns.
  std::array<int, 2> size{}, tile{};
  /// Added to the position of a token before the map wraps around, in [0, size).
  std::array<int, 2> shift{};
  /// A group is one position of all tiles, not all positions of one tile.
  bool groupsArePositions = false;
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_TOKENMAP_H
