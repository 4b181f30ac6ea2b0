//===- ObjectEmitter.h - LLVM IR to an object file ------------------------===//
#ifndef ORIEL_COMPILER_TARGET_OBJECTEMITTER_H
#define ORIEL_COMPILER_TARGET_OBJECTEMITTER_H

#include "llvm/Support/Error.h"

#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace oriel {

struct ObjectOptions {
  /// The processor as LLVM names it. Never "native": a module depends on its target's name alone.
  std::string cpu = "x86-64";
  /// Further features as LLVM writes them, such as "+avx512bf16,-avx512vnni".
  std::string features;
};

/// Compiles `module` for x86-64 Linux at -O2, position-independent, each function and datum in a
/// section of its own, and returns the bytes of the ELF object: the same for the same module and
/// options. The module is left optimised, with its triple and data layout set. Fails with one line
/// where the module is invalid or a feature or processor unknown.
llvm::Expected<std::string> emitObject(llvm::Module &module, const ObjectOptions &options);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_OBJECTEMITTER_H
