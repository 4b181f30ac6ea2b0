//===- KernelCache.h - Kernel objects kept between compilations -----------===//
//
// A folder with one file for each compiled kernel, named by its key in hexadecimal digits:
//
//   [ "oriel kernel 1\n\0" ][ SHA-256 of key and bytes ][ bytes ]
//   0                       16                          48
//
// Compilers may use a folder at the same time: a file appears under its name whole. A file that is
// not what it was written as counts as absent, and is replaced. What cannot be read or written is
// no error: the kernel is made again.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_KERNELCACHE_H
#define ORIEL_COMPILER_PIPELINE_KERNELCACHE_H

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Kernels/ScheduleParameters.h"

#include <array>
#include <optional>
#include <string>

namespace oriel {

class KernelCache {
public:
  /// SHA-256 of all that a kernel's bytes depend on.
  using Key = std::array<uint8_t, 32>;

  /// Bytes of files that a folder may hold after a compilation.
  static constexpr uint64_t defaultLimit = uint64_t(256) << 20;

  /// A cache in `folder`, which is made when the first kernel is stored; with "" one that is always
  /// empty. A folder that others than its owner, this user, may write to is not used: objects are
  /// code.
  explicit KernelCache(std::string folder, uint64_t limit = defaultLimit);

  /// What was stored under `key`, if it is there and whole. Its file counts as used now.
  std::optional<std::string> find(const Key &key) const;

  /// Stores `bytes`; the file is gone again where it cannot be written whole.
  void store(const Key &key, llvm::StringRef bytes) const;

  /// Removes the files used longest ago until the others keep within the limit, and what killed
  /// compilers left behind.
  void trim() const;

  const std::string &getFolder() const { return folder; }

private:
  std::string pathOf(const Key &key) const;

  std::string folder;
  uint64_t limit;
};

/// The key of a kernel: of its structure (names and layers play no part), its target, what is to be
/// chosen in its schedule, and the compiler. `compiler` as compilerIdentity has it.
KernelCache::Key makeKernelKey(exec::KernelOp kernel, const KernelTarget &target,
                               const ScheduleParameters &parameters, llvm::StringRef compiler);

/// What tells this compiler's code from another's: the build identifiers of the program and of the
/// libraries that it runs with, or their sizes and times where they have none.
std::string compilerIdentity();

/// `$XDG_CACHE_HOME/oriel`, or `~/.cache/oriel` where that is not set to an absolute path; "" where
/// there is no home folder either.
std::string defaultCacheFolder();

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_KERNELCACHE_H
