//===- KernelCache.cpp - Kernel objects kept between compilations ---------===//

#include "compiler/Pipeline/KernelCache.h"

#include "compiler/Target/SignalScope.h"
#include "runtime/format/Sha256.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

using namespace llvm;
using namespace oriel;

static constexpr char magic[16] = "oriel kernel 1\n";
static constexpr StringLiteral temporaryMark = ".tmp-";
/// Age at which a temporary file is no longer being written, in seconds.
static constexpr int64_t abandonedAge = 3600;

/// What is known of a file of the folder.
namespace {
struct CachedFile {
  std::string path;
  uint64_t bytes;
  sys::TimePoint<> used;
};
} // namespace

static std::string digestOf(const KernelCache::Key &key, StringRef bytes) {
  Sha256 hash;
  hash.update(key.data(), key.size());
  hash.update(bytes.data(), bytes.size());
  std::string digest(Sha256::digestSize, '\0');
  hash.finish(reinterpret_cast<uint8_t *>(digest.data()));
  return digest;
}

/// Whether nobody but this user may put files into `folder`, which exists.
static bool isPrivate(const std::string &folder) {
  struct stat status;
  return stat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

KernelCache::KernelCache(std::string folder, uint64_t limit)
    : folder(std::move(folder)), limit(limit) {
  if (sys::fs::exists(this->folder) && !isPrivate(this->folder)) {
    this->folder.clear();
  }
}

std::string KernelCache::pathOf(const Key &key) const {
  return folder + "/" + toHex(key, /*LowerCase=*/true);
}

std::optional<std::string> KernelCache::find(const Key &key) const {
  if (folder.empty()) {
    return std::nullopt;
  }
  auto file = sys::fs::openNativeFileForRead(pathOf(key));
  if (!file) {
    consumeError(file.takeError());
    return std::nullopt;
  }
  auto buffer = MemoryBuffer::getOpenFile(*file, pathOf(key), -1, false, /*IsVolatile=*/true);
  // The time of the last use, for `trim`. A failure makes the file seem unused.
  std::ignore = futimens(*file, nullptr);
  std::ignore = sys::fs::closeFile(*file);
  if (!buffer) {
    return std::nullopt;
  }
  StringRef rest = (*buffer)->getBuffer();
  if (!rest.consume_front(StringRef(magic, sizeof magic)) || rest.size() < Sha256::digestSize) {
    return std::nullopt;
  }
  StringRef bytes = rest.drop_front(Sha256::digestSize);
  if (digestOf(key, bytes) != rest.take_front(Sha256::digestSize)) {
    return std::nullopt;
  }
  return bytes.str();
}

void KernelCache::store(const Key &key, StringRef bytes) const {
  if (folder.empty() ||
      sys::fs::create_directories(folder, /*IgnoreExisting=*/true, sys::fs::owner_all) ||
      !isPrivate(folder)) {
    return;
  }
  FileSizeSignalScope fileSizeSignals;
  auto file = sys::fs::TempFile::create(pathOf(key) + temporaryMark + "%%%%%%%%",
                                        sys::fs::owner_read | sys::fs::owner_write);
  if (!file) {
    consumeError(file.takeError());
    return;
  }
  raw_fd_ostream out(file->FD, /*shouldClose=*/false);
  out << StringRef(magic, sizeof magic) << digestOf(key, bytes) << bytes;
  out.flush();
  bool written = !out.has_error();
  // An error that is still there when the stream goes ends the process.
  out.clear_error();
  consumeError(written ? file->keep(pathOf(key)) : file->discard());
}

/// The files of the folder; those that killed compilers left are removed.
static std::vector<CachedFile> listFiles(const std::string &folder) {
  std::vector<CachedFile> files;
  std::error_code error;
  auto now = std::chrono::system_clock::now();
  for (sys::fs::directory_iterator it(folder, error, /*follow_symlinks=*/false), end;
       it != end && !error; it.increment(error)) {
    auto status = it->status();
    if (!status || status->type() != sys::fs::file_type::regular_file) {
      continue;
    }
    auto used = status->getLastModificationTime();
    bool isTemporary = StringRef(it->path()).contains(temporaryMark);
    if (isTemporary && now - used > std::chrono::seconds(abandonedAge)) {
      std::ignore = sys::fs::remove(it->path());
    } else if (!isTemporary) {
      files.push_back({it->path(), status->getSize(), used});
    }
  }
  return files;
}

void KernelCache::trim() const {
  if (folder.empty()) {
    return;
  }
  std::vector<CachedFile> files = listFiles(folder);
  uint64_t total = 0;
  for (const CachedFile &file : files) {
    total += file.bytes;
  }
  llvm::sort(files, [](const CachedFile &a, const CachedFile &b) { return a.used < b.used; });
  for (const CachedFile &file : files) {
    if (total <= limit) {
      return;
    }
    // Another compiler may have removed it.
    std::ignore = sys::fs::remove(file.path);
    total -= file.bytes;
  }
}

KernelCache::Key oriel::makeKernelKey(exec::KernelOp kernel, const KernelTarget &target,
                                      const ScheduleParameters &parameters, StringRef compiler) {
  Sha256 hash;
  // Each text with its length, so that no two lists of texts are one.
  for (const std::string &text :
       {compiler.str(), describeSizes(target), describe(parameters), kernel.printStructure()}) {
    uint64_t size = text.size();
    hash.update(&size, sizeof size);
    hash.update(text.data(), text.size());
  }
  KernelCache::Key key;
  hash.finish(key.data());
  return key;
}

std::string oriel::defaultCacheFolder() {
  SmallString<128> folder;
  // The XDG base directory specification: relative paths are invalid and to be ignored.
  const char *cacheHome = std::getenv("XDG_CACHE_HOME");
  if (cacheHome && sys::path::is_absolute(cacheHome)) {
    folder = cacheHome;
  } else if (sys::path::home_directory(folder)) {
    sys::path::append(folder, ".cache");
  } else {
    return "";
  }
  sys::path::append(folder, "oriel");
  return folder.str().str();
}
