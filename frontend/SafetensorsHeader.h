//===- SafetensorsHeader.h - The table of contents of a safetensors file --===//
//
// A safetensors file is
//
//   [ N: 8 bytes, little-endian ][ N bytes of JSON ][ data ]
//
//   {"<name>": {"dtype": "F32", "shape": [96, 3], "data_offsets": [begin, end]}, ...,
//    "__metadata__": {"<key>": "<text>", ...}}
//
// with offsets from the beginning of the data. The tensors fill the data without gap or overlap.
//
// Source: huggingface/safetensors:README.md (Format) and safetensors/src/tensor.rs (validate).
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_FRONTEND_SAFETENSORSHEADER_H
#define ORIEL_FRONTEND_SAFETENSORSHEADER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

struct SafetensorsEntry {
  std::string name;
  /// As in the file, such as "BF16"; one of the format's types.
  std::string dtype;
  std::vector<int64_t> shape;
  /// Bytes of the data: [begin, end).
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// Reads and checks the JSON of a file with `dataSize` bytes of data. The entries come in the order
/// of their data. Whatever the text, the result is a table whose offsets are safe to use, or an
/// error of one line.
llvm::Expected<std::vector<SafetensorsEntry>> parseSafetensorsHeader(llvm::StringRef json,
                                                                     uint64_t dataSize);

} // namespace oriel

#endif // ORIEL_FRONTEND_SAFETENSORSHEADER_H
