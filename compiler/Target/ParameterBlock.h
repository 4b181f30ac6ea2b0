//===- ParameterBlock.h - The parameters of a module ----------------------===//
//
// The parameter block is a row of entries, each a tensor in the storage of its type
// (compiler/Dialect/Graph/ParameterStorage.h), little-endian float32 or float16, at a multiple of
// 64 bytes:
//
//   [ entry 0 ][ zeros up to 64 ][ entry 1 ] ... [ entry n ][ zeros up to 64 ]
//
// Where an entry lies follows from the types in `@prepare` and of the program's buffers alone, so
// code that reads the block can be made before, or without, the parameters' values.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_PARAMETERBLOCK_H
#define ORIEL_COMPILER_TARGET_PARAMETERBLOCK_H

#include "compiler/Kernels/BufferLayout.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/format/Sha256.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <array>

namespace oriel {

/// Alignment of the entries, in bytes: a cache line and an AVX-512 register.
inline constexpr uint64_t parameterEntryAlignment = 64;

struct ParameterEntry {
  std::string name;
  /// From the begin of the block, in bytes.
  uint64_t offset;
  /// In bytes, without the zeros behind it.
  uint64_t size;
  ElementType element = ElementType::F32;
};

class ParameterBlockLayout {
public:
  /// Places an entry of `size` bytes behind the others. False, and no entry, where the name is
  /// taken.
  bool append(llvm::StringRef name, uint64_t size, ElementType element = ElementType::F32);

  /// In the order in which they lie.
  llvm::ArrayRef<ParameterEntry> getEntries() const { return entries; }
  /// The entry `name`, or nullptr.
  const ParameterEntry *lookup(llvm::StringRef name) const;
  /// Bytes of the block, a multiple of parameterEntryAlignment; 0 without entries.
  uint64_t getSize() const { return size; }

private:
  std::vector<ParameterEntry> entries;
  llvm::StringMap<size_t> positions;
  uint64_t size = 0;
};

/// The layout of the block that `@prepare` of `module` describes: one entry for each
/// `oriel.store_prepared`, in their order, of the element that the program's buffer of that name
/// stores. Empty where there is no `@prepare`. Fails with a diagnostic where two entries have one
/// name.
mlir::FailureOr<ParameterBlockLayout> computeParameterLayout(mlir::ModuleOp module);

/// Writes the entries of a block one after the other and hashes them on the way; holds none. The
/// caller checks `out` for errors of the disk.
class ParameterBlockWriter {
public:
  using Digest = std::array<uint8_t, Sha256::digestSize>;

  ParameterBlockWriter(const ParameterBlockLayout &layout, llvm::raw_ostream &out)
      : layout(layout), out(out) {}

  /// Begins the next entry, which must be `name`. Fails where the layout has another one here, or
  /// where the entry before is not complete.
  llvm::Error beginEntry(llvm::StringRef name);
  /// Continues the entry. Fails where it would become larger than the layout says, and where a
  /// finite value is beyond what the entry's element holds.
  llvm::Error append(llvm::ArrayRef<float> values);
  /// Ends the block. Fails where entries are missing or incomplete.
  llvm::Expected<Digest> finish();

private:
  /// Ends the entry before the next one.
  llvm::Error endEntry();
  void write(const void *data, uint64_t byteCount);
  llvm::Error writeFloat16(llvm::ArrayRef<float> values);

  const ParameterBlockLayout &layout;
  llvm::raw_ostream &out;
  Sha256 hash;
  /// Entries begun.
  size_t entryCount = 0;
  /// Bytes of the block written.
  uint64_t position = 0;
};

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_PARAMETERBLOCK_H
