//===- SafetensorsHeader.cpp - The table of contents of a safetensors file ===//

#include "frontend/SafetensorsHeader.h"

#include "frontend/ParameterShape.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <nlohmann/json.hpp>

#include <limits>

using llvm::StringRef;
using llvm::Twine;

namespace oriel {

/// Bits of an element; 0 for a name that is no type of the format.
static uint64_t bitsOf(StringRef dtype) {
  return llvm::StringSwitch<uint64_t>(dtype)
      .Case("F4", 4)
      .Cases({"F6_E2M3", "F6_E3M2"}, 6)
      .Cases({"BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"}, 8)
      .Cases({"U16", "I16", "F16", "BF16"}, 16)
      .Cases({"U32", "I32", "F32"}, 32)
      .Cases({"U64", "I64", "F64", "C64"}, 64)
      .Default(0);
}

namespace {

/// Takes the events of the JSON parser, which neither recurses nor throws. Each event that the
/// format has no place for ends the parse with an error.
class HeaderReader {
public:
  std::vector<SafetensorsEntry> takeEntries() { return std::move(entries); }
  StringRef getError() const { return error; }

  // The names are the parser's.
  // NOLINTBEGIN(readability-identifier-naming)
  bool start_object(size_t);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool key(std::string &text);
  bool string(std::string &text);
  bool number_unsigned(uint64_t value);
  bool number_integer(int64_t) { return fail("a number is negative"); }
  bool number_float(double, const std::string &) {
    return fail("a number is not whole or too large");
  }
  bool null() { return fail("null has no place in it"); }
  bool boolean(bool) { return fail("a boolean has no place in it"); }
  bool binary(std::vector<uint8_t> &) { return fail("binary data has no place in it"); }
  template <typename Exception>
  bool parse_error(size_t position, const std::string &, const Exception &) {
    return fail("it is not valid JSON at byte " + Twine(position));
  }
  // NOLINTEND(readability-identifier-naming)

private:
  enum class Place { Outside, Header, Metadata, Tensor, Dtype, Shape, Offsets };

  bool fail(const Twine &message) {
    bool inTensor = place >= Place::Tensor && !entries.empty();
    std::string name = inTensor ? formatParameterName(entries.back().name) : "";
    error = (inTensor ? "tensor '" + name + "': " + message : message).str();
    return false;
  }
  bool startField(StringRef name);

  Place place = Place::Outside;
  bool expectsArray = false;
  std::vector<SafetensorsEntry> entries;
  std::vector<uint64_t> offsets;
  llvm::StringSet<> names;
  llvm::StringSet<> fields;
  std::string pendingName;
  std::string error;
};

bool HeaderReader::start_object(size_t) {
  switch (place) {
  case Place::Outside:
    place = Place::Header;
    return true;
  case Place::Header:
    if (pendingName == "__metadata__") {
      place = Place::Metadata;
      return true;
    }
    entries.emplace_back().name = pendingName;
    fields.clear();
    place = Place::Tensor;
    return true;
  default:
    return fail("an object has no place there");
  }
}

bool HeaderReader::end_object() {
  if (place == Place::Tensor && fields.size() != 3) {
    return fail("it lacks dtype, shape or data_offsets");
  }
  place = place == Place::Header ? Place::Outside : Place::Header;
  return true;
}

bool HeaderReader::key(std::string &text) {
  switch (place) {
  case Place::Header:
    if (!names.insert(text).second) {
      return fail("the name '" + formatParameterName(text) + "' occurs twice");
    }
    pendingName = std::move(text);
    return true;
  case Place::Tensor:
    return startField(text);
  default:
    return true;
  }
}

bool HeaderReader::startField(StringRef name) {
  if (!fields.insert(name).second) {
    return fail("the field '" + formatParameterName(name) + "' occurs twice");
  }
  if (name == "dtype") {
    place = Place::Dtype;
  } else if (name == "shape") {
    place = Place::Shape;
  } else if (name == "data_offsets") {
    place = Place::Offsets;
    offsets.clear();
  } else {
    return fail("it has the unknown field '" + formatParameterName(name) + "'");
  }
  expectsArray = place != Place::Dtype;
  return true;
}

bool HeaderReader::string(std::string &text) {
  if (place == Place::Metadata) {
    return true;
  }
  if (place != Place::Dtype) {
    return fail("a string has no place there");
  }
  if (bitsOf(text) == 0) {
    return fail("its dtype '" + formatParameterName(text) + "' is unknown");
  }
  entries.back().dtype = std::move(text);
  place = Place::Tensor;
  return true;
}

bool HeaderReader::start_array(size_t) {
  if (!expectsArray) {
    return fail("an array has no place there");
  }
  expectsArray = false;
  return true;
}

bool HeaderReader::end_array() {
  if (place == Place::Offsets) {
    if (offsets.size() != 2) {
      return fail("data_offsets must be two numbers");
    }
    entries.back().begin = offsets[0];
    entries.back().end = offsets[1];
  }
  place = Place::Tensor;
  return true;
}

bool HeaderReader::number_unsigned(uint64_t value) {
  bool isElement = !expectsArray && (place == Place::Shape || place == Place::Offsets);
  if (!isElement) {
    return fail("a number has no place there");
  }
  if (place == Place::Offsets) {
    offsets.push_back(value);
  } else if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return fail("a number is too large");
  } else {
    entries.back().shape.push_back(static_cast<int64_t>(value));
  }
  return true;
}

} // namespace

/// Bytes that the shape and dtype of a tensor need; nothing where the number overflows or the last
/// byte is not full.
static std::optional<uint64_t> sizeOf(const SafetensorsEntry &entry) {
  uint64_t bits = bitsOf(entry.dtype);
  for (int64_t size : entry.shape) {
    bool overflows = false;
    bits = llvm::SaturatingMultiply(bits, static_cast<uint64_t>(size), &overflows);
    if (overflows) {
      return std::nullopt;
    }
  }
  return bits % 8 == 0 ? std::optional(bits / 8) : std::nullopt;
}

/// Checks the offsets of all entries, which are in the order of their data; "" if they are right.
static std::string checkOffsets(llvm::ArrayRef<SafetensorsEntry> entries, uint64_t dataSize) {
  uint64_t position = 0;
  for (const SafetensorsEntry &entry : entries) {
    std::string tensor = "tensor '" + formatParameterName(entry.name) + "': ";
    std::string range = "bytes " + std::to_string(entry.begin) + " to " + std::to_string(entry.end);
    if (entry.begin > entry.end) {
      return tensor + "its offsets are reversed, " + range;
    }
    if (entry.end > dataSize) {
      return tensor + range + " lie outside of the " + std::to_string(dataSize) +
             " bytes of data; is the file truncated?";
    }
    if (sizeOf(entry) != entry.end - entry.begin) {
      return tensor + range + " are not the size of " + entry.dtype + " " +
             formatParameterShape(entry.shape);
    }
    if (entry.begin != position) {
      return tensor + range + (entry.begin < position ? " overlap" : " leave a gap after") +
             " the tensor before, which ends at byte " + std::to_string(position);
    }
    position = entry.end;
  }
  if (position != dataSize) {
    return std::to_string(dataSize - position) + " bytes after the last tensor belong to none";
  }
  return "";
}

llvm::Expected<std::vector<SafetensorsEntry>> parseSafetensorsHeader(StringRef json,
                                                                     uint64_t dataSize) {
  HeaderReader reader;
  if (!json.starts_with("{")) {
    return llvm::createStringError("the header does not begin with '{'");
  }
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) {
    return llvm::createStringError("the header is malformed: " + reader.getError());
  }
  std::vector<SafetensorsEntry> entries = reader.takeEntries();
  llvm::sort(entries, [](const SafetensorsEntry &left, const SafetensorsEntry &right) {
    return std::tie(left.begin, left.end, left.name) < std::tie(right.begin, right.end, right.name);
  });
  if (std::string error = checkOffsets(entries, dataSize); !error.empty()) {
    return llvm::createStringError(llvm::Twine(error));
  }
  return entries;
}

} // namespace oriel
