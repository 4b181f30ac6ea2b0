//===- Assembler.h - Assembly to object -----------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_ASSEMBLER_H
#define ORIEL_COMPILER_KERNELS_ASSEMBLER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace oriel {

/// The ELF object of an assembly in AT&T syntax for x86-64 Linux. An error has the assembler's
/// first message.
llvm::Expected<std::string> assemble(llvm::StringRef assembly);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_ASSEMBLER_H
