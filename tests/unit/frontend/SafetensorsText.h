//===- SafetensorsText.h - Writes small safetensors files -----------------===//
#ifndef ORIEL_TESTS_UNIT_FRONTEND_SAFETENSORSTEXT_H
#define ORIEL_TESTS_UNIT_FRONTEND_SAFETENSORSTEXT_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <fstream>
#include <numeric>
#include <string>
#include <vector>

namespace oriel {

/// The bytes of numbers as a little-endian machine has them.
template <typename T>
std::string bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

inline std::string safetensors(const std::string &json, const std::string &data) {
  return bytesOf<uint64_t>({json.size()}) + json + data;
}

/// A file with the given content while it lives.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::string &content) {
    llvm::SmallString<64> name;
    llvm::cantFail(llvm::errorCodeToError(
        llvm::sys::fs::createTemporaryFile("oriel-test", "safetensors", name)));
    path = name.str().str();
    std::ofstream(path, std::ios::binary) << content;
  }
  ~TemporaryFile() { (void)llvm::sys::fs::remove(path); }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  const std::string &getPath() const { return path; }

private:
  std::string path;
};

} // namespace oriel

#endif // ORIEL_TESTS_UNIT_FRONTEND_SAFETENSORSTEXT_H
