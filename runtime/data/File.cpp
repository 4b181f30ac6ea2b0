#include "runtime/data/File.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace oriel;

static bool writeFully(int fd, const std::string &content) {
  for (size_t offset = 0; offset < content.size();) {
    ssize_t count = write(fd, content.data() + offset, content.size() - offset);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    offset += size_t(count);
  }
  return true;
}

bool oriel::readFile(const std::string &path, std::string &content, std::string &error,
                     int64_t maxBytes) {
  auto refuse = [&](int code) {
    error = "cannot read '" + path + "': " + strerror(code);
    return false;
  };
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return refuse(errno);
  }
  content.clear();
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    content.reserve(size_t(std::min(int64_t(status.st_size), maxBytes)) + 1);
  }
  char buffer[1 << 16];
  ssize_t count;
  while ((count = read(fd, buffer, sizeof buffer)) != 0) {
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      int code = errno;
      close(fd);
      return refuse(code);
    }
    content.append(buffer, size_t(count));
    if (int64_t(content.size()) > maxBytes) {
      close(fd);
      return refuse(EFBIG);
    }
  }
  close(fd);
  return true;
}

/// The file to be replaced: `path`, or, where that is a symbolic link, what it points at.
static std::string resolveLink(const std::string &path) {
  struct stat status;
  char target[PATH_MAX];
  bool isLink = lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
  return isLink && realpath(path.c_str(), target) != nullptr ? target : path;
}

bool oriel::writeFile(const std::string &path, const std::string &content, std::string &error) {
  struct stat status;
  bool isDirect = stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  std::string destination = resolveLink(path);
  std::string written = isDirect ? path : destination + ".XXXXXX";
  int fd =
      isDirect ? open(path.c_str(), O_WRONLY | O_CLOEXEC) : mkostemp(written.data(), O_CLOEXEC);
  bool isWritten = fd >= 0 && writeFully(fd, content);
  int code = errno;
  if (fd >= 0 && !isDirect && isWritten) {
    // mkostemp gives 0600; a file made by open() has what the umask leaves of 0666.
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
  }
  if (fd >= 0 && close(fd) != 0) {
    code = isWritten ? errno : code;
    isWritten = false;
  }
  if (isWritten && !isDirect && rename(written.c_str(), destination.c_str()) != 0) {
    code = errno;
    isWritten = false;
  }
  if (!isWritten) {
    if (fd >= 0 && !isDirect) {
      unlink(written.c_str());
    }
    error = "cannot write '" + path + "': " + strerror(code) + ": give another path or free space";
  }
  return isWritten;
}
