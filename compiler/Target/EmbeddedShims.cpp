//===- EmbeddedShims.cpp - Objects that every module links ----------------===//

#include "compiler/Target/EmbeddedShims.h"

// Defined by EmbeddedObjects.S.
extern "C" {
extern const char orielKernelShimsObjectBegin[], orielKernelShimsObjectEnd[];
extern const char orielNoteSectionObjectBegin[], orielNoteSectionObjectEnd[];
}

static llvm::StringRef bytesBetween(const char *begin, const char *end) {
  return {begin, size_t(end - begin)};
}

llvm::StringRef oriel::kernelShimsObject() {
  return bytesBetween(orielKernelShimsObjectBegin, orielKernelShimsObjectEnd);
}

llvm::StringRef oriel::noteSectionObject() {
  return bytesBetween(orielNoteSectionObjectBegin, orielNoteSectionObjectEnd);
}
