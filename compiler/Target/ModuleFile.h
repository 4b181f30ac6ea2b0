//===- ModuleFile.h - A compiled model on disk ----------------------------===//
//
// Puts the code and the parameters of a module together as one file, as
// runtime/include/oriel/module_abi.h lays it out.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_MODULEFILE_H
#define ORIEL_COMPILER_TARGET_MODULEFILE_H

#include "compiler/Target/ParameterBlock.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace oriel {

/// Symbol of the module's oriel_module_descriptor, which code generation emits, as a constant
/// with hidden visibility, with `parameter_size` and `parameter_sha256` zero: the two are known,
/// and filled in, only when the parameters have been written behind the code.
inline constexpr llvm::StringLiteral moduleDescriptorSymbol = "oriel_descriptor";

/// What the note of a module says of a variant: ORIEL_ISA_* bits and the target's name.
struct ModuleFileVariant {
  uint64_t requiredFeatures;
  std::string target;
};

/// What a module file is made of.
struct ModuleContents {
  /// Objects of the orchestration and the kernels; the shims and the note are added. The buffers'
  /// identifiers name the kernels in messages.
  llvm::ArrayRef<llvm::MemoryBufferRef> objects;
  /// In the order of the descriptor's.
  llvm::ArrayRef<ModuleFileVariant> variants;
  const ParameterBlockLayout &parameterLayout;
  /// Writes all entries, in order; `finish` is not its business.
  llvm::function_ref<llvm::Error(ParameterBlockWriter &)> writeParameters;
};

/// Fails where a module could not be written to `path`: it is a folder or a device, or its folder
/// does not exist or is not writable. To be asked before hours of work, it changes nothing.
llvm::Error checkModulePath(llvm::StringRef path);

/// Links the module and writes it to `path`, under another name of the same folder first, then
/// renamed: `path` is either the whole module or what it was before. The other name is gone
/// afterwards, also where this fails or a signal ends the process. Fails with one line that names
/// the file.
llvm::Error writeModuleFile(llvm::StringRef path, const ModuleContents &contents);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_MODULEFILE_H
