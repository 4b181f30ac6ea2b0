//===- Safetensors.h - Parameters from a safetensors file -----------------===//
#ifndef ORIEL_FRONTEND_SAFETENSORS_H
#define ORIEL_FRONTEND_SAFETENSORS_H

#include "frontend/ParameterSource.h"
#include "frontend/SafetensorsHeader.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace oriel {

/// A mapped file. Its values are read where they lie, one tensor at a time.
class SafetensorsFile : public ParameterSource {
public:
  /// Maps the file and checks its header in full (see parseSafetensorsHeader). Fails, with one line
  /// that names the file.
  static llvm::Expected<std::unique_ptr<SafetensorsFile>> open(llvm::StringRef path);

  std::optional<std::vector<int64_t>> lookup(std::string_view name) const override;
  llvm::Error read(std::string_view name, float *values) const override;

  /// All tensors, in the order of their data.
  llvm::ArrayRef<SafetensorsEntry> getEntries() const { return entries; }

  /// The tensor `name`, or null.
  const SafetensorsEntry *find(llvm::StringRef name) const;

  llvm::StringRef getPath() const { return path; }

private:
  SafetensorsFile() = default;

  std::string path;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  llvm::StringRef data;
  std::vector<SafetensorsEntry> entries;
  llvm::StringMap<size_t> indices;
};

/// Whether read() takes tensors of this type: F32, F16 and BF16.
bool isReadableDtype(llvm::StringRef dtype);

} // namespace oriel

#endif // ORIEL_FRONTEND_SAFETENSORS_H
