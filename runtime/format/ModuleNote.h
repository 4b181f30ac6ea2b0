// Reads the note of a module file by hand: nothing of the file is mapped or executed, and no field
// of it is trusted before it is checked against the size of the file.

#ifndef ORIEL_RUNTIME_FORMAT_MODULENOTE_H
#define ORIEL_RUNTIME_FORMAT_MODULENOTE_H

#include "oriel/module_abi.h"

#include <cstdint>

namespace oriel {

/// Where the descriptor of the note (an oriel_module_note, or what another ABI version has in its
/// place) lies in the file.
struct NoteLocation {
  uint64_t offset;
  uint64_t size;
};

/// Reads exactly [offset, offset + size) of `fd`; false on an error or the end of the file.
bool readFully(int fd, uint64_t offset, void *data, uint64_t size);

/// Finds the note in the program headers of the 64-bit little-endian shared object for this
/// machine's architecture that begins `fd` and takes at most `size` bytes. Returns nullptr, or what
/// is wrong in a few words, such as "it has no Oriel note".
const char *locateModuleNote(int fd, uint64_t size, NoteLocation &location);

/// SHA-256 of the first `elfSize` bytes of `fd` with the elf_sha256 field of the descriptor at
/// `noteOffset` taken as zero. False if the file cannot be read.
bool hashElf(int fd, uint64_t elfSize, uint64_t noteOffset, uint8_t digest[32]);

/// SHA-256 of [offset, offset + size) of `fd`. False if the file cannot be read.
bool hashRange(int fd, uint64_t offset, uint64_t size, uint8_t digest[32]);

} // namespace oriel

#endif // ORIEL_RUNTIME_FORMAT_MODULENOTE_H
