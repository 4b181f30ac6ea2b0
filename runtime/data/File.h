// Whole files, read and written with errors in one line.

#ifndef ORIEL_RUNTIME_DATA_FILE_H
#define ORIEL_RUNTIME_DATA_FILE_H

#include <cstdint>
#include <limits>
#include <string>

namespace oriel {

/// Reads all of `path`, which is refused beyond `maxBytes`.
bool readFile(const std::string &path, std::string &content, std::string &error,
              int64_t maxBytes = std::numeric_limits<int64_t>::max());

/// Writes `content` to a new file beside `path` and renames that to `path`; a failure leaves no
/// file behind. Where `path` is there and not a regular file (a pipe, /dev/stdout), writes to it
/// directly.
bool writeFile(const std::string &path, const std::string &content, std::string &error);

} // namespace oriel

#endif // ORIEL_RUNTIME_DATA_FILE_H
