//===- Linker.h - Object files to a shared library ------------------------===//
#ifndef ORIEL_COMPILER_TARGET_LINKER_H
#define ORIEL_COMPILER_TARGET_LINKER_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace oriel {

enum class LinkerProcess {
  /// lld in this process; spawned where it has crashed before.
  Own,
  /// The program ld.lld.
  Spawned,
};

/// Links x86-64 objects to a shared library that exports `oriel_module_query`, which one of them
/// must define, and nothing else, and that imports names of libc and libm only. The buffers'
/// identifiers stand for the objects in messages. The result depends on the objects' bytes and
/// order alone. Temporary files live in a private folder below $TMPDIR, which is gone when the
/// function returns; signals that would end the process wait until then. Fails with one line.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkSharedLibrary(llvm::ArrayRef<llvm::MemoryBufferRef> objects,
                  LinkerProcess process = LinkerProcess::Own);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_LINKER_H
