//===- CompilerIdentity.cpp - What tells one compiler from another --------===//
//
// A linker with --build-id writes a hash of its output into the note NT_GNU_BUILD_ID; Debian's
// libraries have one and so have this project's programs. Halide's library has none.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/KernelCache.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <elf.h>
#include <link.h>

using namespace llvm;

/// The build identifier in the notes of a loaded object; empty where it has none.
static ArrayRef<uint8_t> findBuildId(const dl_phdr_info &object) {
  for (const ElfW(Phdr) &segment : ArrayRef(object.dlpi_phdr, object.dlpi_phnum)) {
    if (segment.p_type != PT_NOTE) {
      continue;
    }
    const auto *at = reinterpret_cast<const uint8_t *>(object.dlpi_addr + segment.p_vaddr);
    const uint8_t *end = at + segment.p_memsz;
    uint64_t alignment = segment.p_align == 8 ? 8 : 4;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto *note = reinterpret_cast<const ElfW(Nhdr) *>(at);
      const uint8_t *name = at + sizeof *note;
      const uint8_t *id = at + alignTo(sizeof *note + note->n_namesz, alignment);
      if (note->n_type == NT_GNU_BUILD_ID && StringRef((const char *)name, 3) == "GNU") {
        return {id, note->n_descsz};
      }
      at = id + alignTo(note->n_descsz, alignment);
    }
  }
  return {};
}

static int appendIdentity(dl_phdr_info *object, size_t, void *text) {
  raw_string_ostream out(*static_cast<std::string *>(text));
  // The program has no name here. The kernel's vdso has one, but no path, and makes no code.
  StringRef path = *object->dlpi_name ? object->dlpi_name : "/proc/self/exe";
  if (!path.contains('/')) {
    return 0;
  }
  ArrayRef<uint8_t> id = findBuildId(*object);
  sys::fs::file_status status;
  if (!id.empty()) {
    out << toHex(id, /*LowerCase=*/true) << '\n';
  } else if (!sys::fs::status(path, status)) {
    out << status.getSize() << ' ' << status.getLastModificationTime().time_since_epoch().count()
        << '\n';
  }
  return 0;
}

std::string oriel::compilerIdentity() {
  std::string text;
  dl_iterate_phdr(appendIdentity, &text);
  return text;
}
