//===- Safetensors.cpp - Parameters from a safetensors file ---------------===//

#include "frontend/Safetensors.h"

#include "frontend/ParameterShape.h"
#include "runtime/format/Float16.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"

#include <bit>

using llvm::StringRef;
using llvm::Twine;

namespace oriel {

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static constexpr uint64_t lengthSize = 8;

// Limit of the format's own reader.
static constexpr uint64_t maxHeaderSize = 100'000'000;

/// Maps a regular file; reading a pipe or a device would block or never end.
static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> mapFile(StringRef path) {
  llvm::sys::fs::file_status status;
  std::error_code code = llvm::sys::fs::status(path, status);
  if (!code && !llvm::sys::fs::is_regular_file(status)) {
    return llvm::createStringError(path + ": not a regular file");
  }
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer) {
    return llvm::createStringError(path + ": cannot be read: " + buffer.getError().message());
  }
  return std::move(*buffer);
}

llvm::Expected<std::unique_ptr<SafetensorsFile>> SafetensorsFile::open(StringRef path) {
  auto buffer = mapFile(path);
  if (!buffer) {
    return buffer.takeError();
  }
  StringRef content = (*buffer)->getBuffer();
  if (content.size() < lengthSize) {
    return llvm::createStringError(path + ": " + Twine(content.size()) +
                                   " bytes are too few for a safetensors file");
  }
  uint64_t headerSize = llvm::support::endian::read64le(content.data());
  StringRef body = content.drop_front(lengthSize);
  if (headerSize > body.size()) {
    return llvm::createStringError(path + ": the header of " + Twine(headerSize) +
                                   " bytes is longer than the file of " + Twine(content.size()) +
                                   " bytes; truncated, or not a safetensors file");
  }
  if (headerSize > maxHeaderSize) {
    return llvm::createStringError(path + ": the header of " + Twine(headerSize) +
                                   " bytes is longer than the " + Twine(maxHeaderSize) +
                                   " that the format allows");
  }
  StringRef data = body.drop_front(headerSize);
  auto entries = parseSafetensorsHeader(body.take_front(headerSize), data.size());
  if (!entries) {
    return llvm::createStringError(path + ": " + toString(entries.takeError()));
  }

  std::unique_ptr<SafetensorsFile> file(new SafetensorsFile);
  file->path = path.str();
  file->buffer = std::move(*buffer);
  file->data = data;
  file->entries = std::move(*entries);
  for (auto [index, entry] : llvm::enumerate(file->entries)) {
    file->indices[entry.name] = index;
  }
  return file;
}

const SafetensorsEntry *SafetensorsFile::find(StringRef name) const {
  auto index = indices.find(name);
  return index == indices.end() ? nullptr : &entries[index->second];
}

std::optional<std::vector<int64_t>> SafetensorsFile::lookup(std::string_view name) const {
  const SafetensorsEntry *entry = find(name);
  return entry ? std::optional(entry->shape) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Values. They need not be aligned in the file.
//===----------------------------------------------------------------------===//

static float readF32(const char *bytes) {
  return std::bit_cast<float>(llvm::support::endian::read32le(bytes));
}

static float readBF16(const char *bytes) {
  return std::bit_cast<float>(uint32_t{llvm::support::endian::read16le(bytes)} << 16);
}

static float readF16(const char *bytes) {
  return fromFloat16(llvm::support::endian::read16le(bytes));
}

template <size_t elementSize, float (*readElement)(const char *)>
static void readElements(StringRef bytes, float *values) {
  for (size_t offset = 0; offset < bytes.size(); offset += elementSize) {
    *values++ = readElement(bytes.data() + offset);
  }
}

bool isReadableDtype(StringRef dtype) {
  return dtype == "F32" || dtype == "F16" || dtype == "BF16";
}

llvm::Error SafetensorsFile::read(std::string_view name, float *values) const {
  const SafetensorsEntry *entry = find(name);
  if (!entry) {
    return llvm::createStringError(path + ": no tensor '" + formatParameterName(name) + "'");
  }
  StringRef bytes = data.slice(entry->begin, entry->end);
  if (entry->dtype == "F32") {
    readElements<4, readF32>(bytes, values);
  } else if (entry->dtype == "F16") {
    readElements<2, readF16>(bytes, values);
  } else if (entry->dtype == "BF16") {
    readElements<2, readBF16>(bytes, values);
  } else {
    return llvm::createStringError(path + ": tensor '" + formatParameterName(name) + "' is " +
                                   entry->dtype + "; F32, F16 and BF16 can be read");
  }
  return llvm::Error::success();
}

} // namespace oriel
