#include "runtime/format/ModuleNote.h"

#include "runtime/format/Sha256.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <elf.h>
#include <unistd.h>

using namespace oriel;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "notes are read as they lie in memory");
static_assert(sizeof(oriel_module_note) == 432, "the note has no implicit padding");
static_assert(sizeof(oriel_worker) == 64, "a worker is one cache line");

namespace {

#if defined(__x86_64__)
constexpr uint16_t hostMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t hostMachine = EM_AARCH64;
#else
#error "the ELF machine of this architecture is missing here"
#endif

// More than any linker writes; bounds the work on a hostile file.
constexpr unsigned maxProgramHeaders = 256;
constexpr unsigned maxNotes = 256;

uint64_t roundUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Whether [offset, offset + length) lies within [0, size).
bool isWithin(uint64_t offset, uint64_t length, uint64_t size) {
  return offset <= size && length <= size - offset;
}

const char *checkHeader(const Elf64_Ehdr &header, uint64_t size) {
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return "it is not an ELF file";
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_type != ET_DYN || header.e_machine != hostMachine) {
    return "it is not a shared object for this architecture";
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > maxProgramHeaders) {
    return "its program headers are malformed";
  }
  if (!isWithin(header.e_phoff, uint64_t(header.e_phnum) * sizeof(Elf64_Phdr), size)) {
    return "its program headers lie past its end: it is truncated";
  }
  return nullptr;
}

/// Looks through the notes of one PT_NOTE segment that lies within the file.
bool findInSegment(int fd, const Elf64_Phdr &segment, NoteLocation &location) {
  // gABI: 4-byte alignment; segments aligned to 8 pad to 8 (.note.gnu.property).
  uint64_t alignment = segment.p_align == 8 ? 8 : 4;
  uint64_t end = segment.p_offset + segment.p_filesz;
  uint64_t offset = segment.p_offset;
  for (unsigned i = 0; i < maxNotes && isWithin(offset, sizeof(Elf64_Nhdr), end); ++i) {
    Elf64_Nhdr note;
    if (!readFully(fd, offset, &note, sizeof note)) {
      return false;
    }
    uint64_t nameOffset = offset + sizeof note;
    uint64_t descriptor = offset + roundUp(sizeof note + uint64_t(note.n_namesz), alignment);
    if (!isWithin(descriptor, note.n_descsz, end)) {
      return false;
    }
    char name[sizeof ORIEL_NOTE_NAME];
    if (note.n_type == ORIEL_NOTE_TYPE && note.n_namesz == sizeof name &&
        readFully(fd, nameOffset, name, sizeof name) &&
        memcmp(name, ORIEL_NOTE_NAME, sizeof name) == 0) {
      location = {descriptor, note.n_descsz};
      return true;
    }
    offset = roundUp(descriptor + note.n_descsz, alignment);
  }
  return false;
}

/// Feeds [offset, offset + size) of `fd` to `hash`.
bool hashInto(Sha256 &hash, int fd, uint64_t offset, uint64_t size) {
  uint8_t buffer[16384];
  while (size > 0) {
    uint64_t count = size < sizeof buffer ? size : sizeof buffer;
    if (!readFully(fd, offset, buffer, count)) {
      return false;
    }
    hash.update(buffer, count);
    offset += count, size -= count;
  }
  return true;
}

} // namespace

bool oriel::readFully(int fd, uint64_t offset, void *data, uint64_t size) {
  auto *bytes = static_cast<uint8_t *>(data);
  while (size > 0) {
    ssize_t count = pread(fd, bytes, size, off_t(offset));
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

const char *oriel::locateModuleNote(int fd, uint64_t size, NoteLocation &location) {
  Elf64_Ehdr header;
  if (size < sizeof header) {
    return size == 0 ? "it is empty" : "it is not an ELF file";
  }
  if (!readFully(fd, 0, &header, sizeof header)) {
    return "it cannot be read";
  }
  if (const char *reason = checkHeader(header, size)) {
    return reason;
  }
  bool isTruncated = false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!readFully(fd, header.e_phoff + i * sizeof segment, &segment, sizeof segment)) {
      return "it cannot be read";
    }
    if (segment.p_type != PT_NOTE && segment.p_type != PT_LOAD) {
      continue;
    }
    // A cut file may still hold the note that says so.
    if (!isWithin(segment.p_offset, segment.p_filesz, size)) {
      isTruncated = true;
      segment.p_filesz = segment.p_offset < size ? size - segment.p_offset : 0;
    }
    if (segment.p_type == PT_NOTE && segment.p_filesz > 0 && findInSegment(fd, segment, location)) {
      return nullptr;
    }
  }
  return isTruncated ? "it is truncated" : "it has no Oriel note";
}

bool oriel::hashElf(int fd, uint64_t elfSize, uint64_t noteOffset, uint8_t digest[32]) {
  static constexpr uint8_t zeros[32] = {};
  uint64_t fieldOffset = noteOffset + offsetof(oriel_module_note, elf_sha256);
  if (!isWithin(fieldOffset, sizeof zeros, elfSize)) {
    return false;
  }
  Sha256 hash;
  if (!hashInto(hash, fd, 0, fieldOffset)) {
    return false;
  }
  hash.update(zeros, sizeof zeros);
  uint64_t rest = fieldOffset + sizeof zeros;
  if (!hashInto(hash, fd, rest, elfSize - rest)) {
    return false;
  }
  hash.finish(digest);
  return true;
}

bool oriel::hashRange(int fd, uint64_t offset, uint64_t size, uint8_t digest[32]) {
  Sha256 hash;
  if (!hashInto(hash, fd, offset, size)) {
    return false;
  }
  hash.finish(digest);
  return true;
}
