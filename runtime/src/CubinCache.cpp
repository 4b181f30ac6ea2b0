#include "runtime/src/CubinCache.h"

#include "runtime/format/Sha256.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <sys/stat.h>
#include <unistd.h>

using namespace oriel;

namespace {

constexpr size_t digestSize = Sha256::digestSize;

/// Makes a folder that nobody but this user can write to, or sees that it is one.
bool makePrivateFolder(const char *path) {
  mkdir(path, 0700);
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Writes the folder to `path`; false where there is none to use.
bool findFolder(char *path, size_t room) {
  const char *cache = getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') {
    if (snprintf(path, room, "%s", cache) >= int(room)) {
      return false;
    }
  } else {
    const char *home = getenv("HOME");
    if (home == nullptr || home[0] != '/' || snprintf(path, room, "%s/.cache", home) >= int(room)) {
      return false;
    }
  }
  mkdir(path, 0700);
  for (const char *part : {"/oriel", "/cubin"}) {
    size_t length = strlen(path);
    if (length + strlen(part) >= room) {
      return false;
    }
    memcpy(path + length, part, strlen(part) + 1);
    if (!makePrivateFolder(path)) {
      return false;
    }
  }
  return true;
}

void hashCode(const void *code, size_t bytes, uint8_t digest[digestSize]) {
  Sha256 hash;
  hash.update(code, bytes);
  hash.finish(digest);
}

bool readAll(int file, void *to, size_t bytes) {
  auto *place = static_cast<uint8_t *>(to);
  while (bytes > 0) {
    ssize_t count = ::read(file, place, bytes);
    if (count <= 0) {
      return false;
    }
    place += count;
    bytes -= size_t(count);
  }
  return true;
}

bool writeAll(int file, const void *from, size_t bytes) {
  const auto *place = static_cast<const uint8_t *>(from);
  while (bytes > 0) {
    ssize_t count = ::write(file, place, bytes);
    if (count <= 0) {
      return false;
    }
    place += count;
    bytes -= size_t(count);
  }
  return true;
}

} // namespace

CubinCache::CubinCache(const char *ptx, int32_t driverVersion, const char *deviceName,
                       int32_t capability) {
  char folder[900];
  if (!findFolder(folder, sizeof folder)) {
    return;
  }
  Sha256 hash;
  hash.update(ptx, strlen(ptx) + 1);
  hash.update(&driverVersion, sizeof driverVersion);
  hash.update(&capability, sizeof capability);
  hash.update(deviceName, strlen(deviceName));
  uint8_t digest[digestSize];
  hash.finish(digest);
  int length = snprintf(path, sizeof path, "%s/", folder);
  for (uint8_t byte : digest) {
    length += snprintf(path + length, sizeof path - size_t(length), "%02x", byte);
  }
}

void *CubinCache::read() const {
  if (path[0] == '\0') {
    return nullptr;
  }
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return nullptr;
  }
  struct stat status;
  void *code = nullptr;
  uint8_t wanted[digestSize], digest[digestSize];
  if (fstat(file, &status) == 0 && status.st_size > off_t(digestSize) &&
      readAll(file, wanted, digestSize)) {
    size_t bytes = size_t(status.st_size) - digestSize;
    code = malloc(bytes);
    bool isRead = code != nullptr && readAll(file, code, bytes);
    if (isRead) {
      hashCode(code, bytes, digest);
    }
    if (!isRead || memcmp(wanted, digest, digestSize) != 0) {
      free(code);
      code = nullptr;
    }
  }
  close(file);
  return code;
}

void CubinCache::write(const void *code, size_t bytes) const {
  char temporary[sizeof path + 16];
  if (path[0] == '\0') {
    return;
  }
  snprintf(temporary, sizeof temporary, "%s.tmp-XXXXXX", path);
  int file = mkostemp(temporary, O_CLOEXEC);
  if (file < 0) {
    return;
  }
  uint8_t digest[digestSize];
  hashCode(code, bytes, digest);
  bool isWritten = writeAll(file, digest, digestSize) && writeAll(file, code, bytes);
  isWritten = close(file) == 0 && isWritten;
  if (!isWritten || rename(temporary, path) != 0) {
    unlink(temporary);
  }
}
