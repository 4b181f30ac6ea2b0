//===- EmbeddedShims.h - Objects that every module links ------------------===//
//
// Relocatable objects for baseline x86-64, compiled when the project is built and carried by the
// compiler, so that compiling a model needs no C compiler.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_EMBEDDEDSHIMS_H
#define ORIEL_COMPILER_TARGET_EMBEDDEDSHIMS_H

#include "llvm/ADT/StringRef.h"

namespace oriel {

/// KernelShims.c: the functions that Halide kernels import.
llvm::StringRef kernelShimsObject();

/// NoteSection.c: the note of the module, to be filled in by sealModule.
llvm::StringRef noteSectionObject();

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_EMBEDDEDSHIMS_H
