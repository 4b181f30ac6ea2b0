#include "runtime/format/ModuleWriter.h"

#include "runtime/format/ModuleNote.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace oriel;

static bool writeFully(int fd, uint64_t offset, const void *data, uint64_t size) {
  auto *bytes = static_cast<const uint8_t *>(data);
  while (size > 0) {
    ssize_t count = pwrite(fd, bytes, size, off_t(offset));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    bytes += count, offset += uint64_t(count), size -= uint64_t(count);
  }
  return true;
}

uint64_t oriel::parameterOffset(uint64_t elfSize) {
  return (elfSize + ORIEL_PARAMETER_ALIGNMENT - 1) / ORIEL_PARAMETER_ALIGNMENT *
         ORIEL_PARAMETER_ALIGNMENT;
}

/// Lists the variants in the note; returns nullptr, or what is wrong in a few words.
static const char *setVariants(oriel_module_note &note, const ModuleSeal &seal) {
  if (seal.variantCount == 0 || seal.variantCount > ORIEL_MAX_VARIANTS) {
    return "it has no variant, or more than its note can list";
  }
  note.variant_count = seal.variantCount;
  for (uint32_t i = 0; i < seal.variantCount; ++i) {
    const SealedVariant &variant = seal.variants[i];
    if (strlen(variant.target) >= sizeof note.variants[i].target) {
      return "the name of its target is too long for the note";
    }
    note.variants[i].required_features = variant.requiredFeatures;
    strcpy(note.variants[i].target, variant.target);
  }
  return nullptr;
}

const char *oriel::sealModule(int fd, const ModuleSeal &seal) {
  NoteLocation location;
  if (const char *reason = locateModuleNote(fd, seal.elfSize, location)) {
    return reason;
  }
  oriel_module_note note = {};
  if (location.size != sizeof note) {
    return "its Oriel note has another size than this version writes";
  }
  if (const char *reason = setVariants(note, seal)) {
    return reason;
  }
  note.abi_version = ORIEL_ABI_VERSION;
  note.note_size = sizeof note;
  note.file_size = seal.parameterOffset + seal.parameterSize;
  note.elf_size = seal.elfSize;
  note.parameter_offset = seal.parameterOffset;
  note.parameter_size = seal.parameterSize;
  memcpy(note.parameter_sha256, seal.parameterSha256, sizeof note.parameter_sha256);
  // The digest covers the note, so the note is written before and after it is known.
  if (!writeFully(fd, location.offset, &note, sizeof note) ||
      !hashElf(fd, seal.elfSize, location.offset, note.elf_sha256) ||
      !writeFully(fd, location.offset, &note, sizeof note)) {
    return "its note cannot be written";
  }
  return nullptr;
}
