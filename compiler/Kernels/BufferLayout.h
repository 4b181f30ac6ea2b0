//===- BufferLayout.h - How a kernel's operands lie in memory -------------===//
#ifndef ORIEL_COMPILER_KERNELS_BUFFERLAYOUT_H
#define ORIEL_COMPILER_KERNELS_BUFFERLAYOUT_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"

namespace oriel {

/// What memory holds: IEEE binary32, binary16, bytes. Kernels compute in float32.
enum class ElementType { F32, F16, U8 };

/// Bytes of an element.
inline constexpr int64_t bytesOf(ElementType element) {
  return element == ElementType::F32 ? 4 : element == ElementType::F16 ? 2 : 1;
}

/// The element type of a tensor of the oriel dialect.
ElementType elementTypeOf(mlir::RankedTensorType type);

/// Elements between the starts of two rows of `channels` elements of memory that Oriel lays out:
/// whole panels, and one more where they would lie a multiple of 4 KB apart. The lines of a column
/// would otherwise all fall into one set of the L1 cache (64 sets of 64 bytes), which has 8 to 12
/// ways, where a register tile reads up to 14 rows.
int64_t rowPitch(int64_t channels);

/// The memory of one operand or result of a kernel.
///
/// An activation is row-major over `shape`, its last dimension (a row) stored with `pitch`
/// elements. Elements between shape.back() and pitch hold anything. A rank-4 activation may have a
/// border of haloY rows and haloX columns of zeros on each side of dimensions 1 and 2; kernels read
/// it and never write it.
struct BufferLayout {
  /// Logical extents. Dimension 0 is the batch, unless isParameter; its value is not looked at, as
  /// the batch is known at run time only.
  llvm::SmallVector<int64_t> shape;
  /// Stored extent of the last dimension; a multiple of panelWidth (see rowPitch), except where
  /// `exact`.
  int64_t pitch = 0;
  int64_t haloY = 0, haloX = 0;
  /// The caller's memory: no padding, no slack behind the last element, aligned to an element only.
  bool exact = false;
  /// U8 in the caller's memory only, F16 everywhere else only.
  ElementType element = ElementType::F32;
  bool isParameter = false;
  /// The parameter is in panels (#oriel.panels).
  bool packed = false;
  /// Of a parameter, getStorageShape; else empty.
  llvm::SmallVector<int64_t> storage;

  /// A buffer of the arena, of pitch rowPitch. Its rows may be read up to arenaSlackRows rows
  /// behind the last.
  static BufferLayout inArena(llvm::ArrayRef<int64_t> shape, int64_t haloY = 0, int64_t haloX = 0);
  /// An input or output of the model.
  static BufferLayout ofCaller(llvm::ArrayRef<int64_t> shape,
                               ElementType element = ElementType::F32);
  /// An entry of the parameter block.
  static BufferLayout ofParameter(mlir::RankedTensorType type);

  bool hasHalo() const { return haloY > 0 || haloX > 0; }
  int64_t elementBytes() const { return bytesOf(element); }
};

/// Rows (of the buffer's pitch) behind an arena buffer's last that a kernel may read. Their values
/// reach no result.
inline constexpr int64_t arenaSlackRows = 64;

/// One dimension of a halide_buffer_t: extent and stride in elements.
struct Dimension {
  int32_t min, extent, stride;
};

/// What the halide_buffer_t of an operand holds, innermost dimension first. `host` is the address
/// of the element at the minimum coordinates, so of the halo's first element where there is one.
/// The extent of the last dimension of an activation, its batch, is to be replaced at run time.
llvm::SmallVector<Dimension> dimensionsOf(const BufferLayout &layout);

/// Bytes of one batch item of an activation.
int64_t bytesPerItem(const BufferLayout &layout);

/// Bytes of a parameter, or of an activation of shape[0] items.
int64_t bytes(const BufferLayout &layout);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_BUFFERLAYOUT_H
