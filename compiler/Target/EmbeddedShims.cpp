//===- EmbeddedShims.cpp - Objects that every module links ----------------===//

#include "compiler/Target/EmbeddedShims.h"

// Defined by EmbeddedObjects.S.
extern "C" {
extern const char oriel_kernel_shims_object_begin[], oriel_kernel_shims_object_end[];
extern const char oriel_note_section_object_begin[], oriel_note_section_object_end[];
}

static llvm::StringRef bytesBetween(const char *begin, const char *end) {
  return {begin, size_t(end - begin)};
}

llvm::StringRef oriel::kernelShimsObject() {
  return bytesBetween(oriel_kernel_shims_object_begin, oriel_kernel_shims_object_end);
}

llvm::StringRef oriel::noteSectionObject() {
  return bytesBetween(oriel_note_section_object_begin, oriel_note_section_object_end);
}
