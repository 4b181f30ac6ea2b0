// Fills in the note of a module file that is otherwise complete. For the compiler and for tests.

#ifndef ORIEL_RUNTIME_FORMAT_MODULEWRITER_H
#define ORIEL_RUNTIME_FORMAT_MODULEWRITER_H

#include "oriel/module_abi.h"

#include <cstdint>

namespace oriel {

/// What the note says of a variant.
struct SealedVariant {
  /// ORIEL_ISA_* bits.
  uint64_t requiredFeatures;
  const char *target;
};

struct ModuleSeal {
  /// Bytes of the ELF part as the linker wrote it.
  uint64_t elfSize;
  /// See parameterOffset().
  uint64_t parameterOffset;
  uint64_t parameterSize;
  uint8_t parameterSha256[32];
  /// In the order of the descriptor's.
  const SealedVariant *variants;
  uint32_t variantCount;
};

/// Offset of the parameter block behind an ELF part of `elfSize` bytes.
uint64_t parameterOffset(uint64_t elfSize);

/// Writes the note of the module in `fd`, which is open for reading and writing: the ELF part with
/// an oriel_module_note in ORIEL_NOTE_SECTION (its content does not matter), zeros up to
/// seal.parameterOffset, and the parameters. Returns nullptr, or what is wrong in a few words.
const char *sealModule(int fd, const ModuleSeal &seal);

} // namespace oriel

#endif // ORIEL_RUNTIME_FORMAT_MODULEWRITER_H
