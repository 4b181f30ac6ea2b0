#include "runtime/data/Npy.h"

#include "runtime/data/File.h"

#include <bit>
#include <cctype>
#include <charconv>
#include <cstring>

using namespace oriel;

static_assert(std::endian::native == std::endian::little,
              "values are copied as they lie in memory");

namespace {

constexpr char magic[] = "\x93NUMPY";
constexpr size_t magicSize = 6;

/// The Python dictionary of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
struct Header {
  std::string descr;
  bool isFortranOrder = false;
  std::vector<int64_t> shape;
};

/// Reads that dictionary; every method is false on anything else.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  bool parse(Header &header) {
    unsigned seen = 0;
    if (!take('{')) {
      return false;
    }
    while (!take('}')) {
      std::string key;
      unsigned field = 0;
      if (!parseString(key) || !take(':')) {
        return false;
      }
      if (key == "descr" && parseString(header.descr)) {
        field = 1;
      } else if (key == "fortran_order" && parseBool(header.isFortranOrder)) {
        field = 2;
      } else if (key == "shape" && parseShape(header.shape)) {
        field = 4;
      }
      if (field == 0 || (seen & field) != 0) {
        return false;
      }
      seen |= field;
      if (!take(',') && !isNext('}')) {
        return false;
      }
    }
    skipSpace();
    return seen == 7 && position == text.size();
  }

private:
  void skipSpace() {
    while (position < text.size() && isspace(static_cast<unsigned char>(text[position]))) {
      ++position;
    }
  }
  bool isNext(char c) {
    skipSpace();
    return position < text.size() && text[position] == c;
  }
  bool take(char c) {
    bool isTaken = isNext(c);
    position += isTaken ? 1 : 0;
    return isTaken;
  }
  bool parseString(std::string &value) {
    char quote = isNext('"') ? '"' : '\'';
    if (!take(quote)) {
      return false;
    }
    size_t end = text.find(quote, position);
    if (end == std::string_view::npos) {
      return false;
    }
    value = text.substr(position, end - position);
    position = end + 1;
    return true;
  }
  bool parseBool(bool &value) {
    skipSpace();
    for (bool candidate : {false, true}) {
      std::string_view word = candidate ? "True" : "False";
      if (text.substr(position, word.size()) == word) {
        value = candidate;
        position += word.size();
        return true;
      }
    }
    return false;
  }
  bool parseShape(std::vector<int64_t> &shape) {
    if (!take('(')) {
      return false;
    }
    while (!take(')')) {
      skipSpace();
      int64_t extent = 0;
      auto [end, code] = std::from_chars(text.data() + position, text.data() + text.size(), extent);
      if (code != std::errc() || extent < 0) {
        return false;
      }
      position = size_t(end - text.data());
      shape.push_back(extent);
      if (!take(',') && !isNext(')')) {
        return false;
      }
    }
    return true;
  }

  std::string_view text;
  size_t position = 0;
};

/// Splits a file into the header's text and the data. False where it is not of a known version or
/// the header is longer than the file.
bool splitFile(std::string_view file, std::string_view &header, std::string_view &data) {
  if (file.size() < magicSize + 4) {
    return false;
  }
  unsigned version = static_cast<unsigned char>(file[magicSize]);
  size_t lengthBytes = version == 1 ? 2 : 4;
  size_t headerOffset = magicSize + 2 + lengthBytes;
  if ((version != 1 && version != 2) || file[magicSize + 1] != 0 || file.size() < headerOffset) {
    return false;
  }
  uint32_t length = 0;
  memcpy(&length, file.data() + magicSize + 2, lengthBytes);
  if (length > file.size() - headerOffset) {
    return false;
  }
  header = file.substr(headerOffset, length);
  data = file.substr(headerOffset + length);
  return true;
}

/// How an element type is called in a header.
struct ElementFormat {
  std::string_view descr;
  size_t bytes;
};
constexpr ElementFormat float32 = {"<f4", 4}, uint8 = {"|u1", 1};

/// What is wrong with the header of an array that is well-formed but not ours; empty if nothing is.
std::string findMismatch(const Header &header, const ElementFormat &format, size_t dataSize) {
  if (std::string wanted(format.descr); header.descr != wanted) {
    return "has element type '" + header.descr + "' instead of '" + wanted +
           "': save it with .astype('" + wanted + "') in NumPy";
  }
  if (header.isFortranOrder) {
    return "is in Fortran order: save it with numpy.ascontiguousarray";
  }
  uint64_t bytes = format.bytes;
  for (int64_t extent : header.shape) {
    if (__builtin_mul_overflow(bytes, uint64_t(extent), &bytes)) {
      return "has an impossible shape " + shapeText(header.shape) + ": write it again";
    }
  }
  if (bytes != dataSize) {
    return "has " + std::to_string(dataSize) + " bytes of data, but its shape " +
           shapeText(header.shape) + " needs " + std::to_string(bytes) +
           ": it is damaged, write it again";
  }
  return "";
}

} // namespace

std::string oriel::shapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

/// Reads a file and finds its data in it.
static bool readArray(const std::string &path, const ElementFormat &format, std::string &file,
                      std::vector<int64_t> &shape, std::string_view &data, std::string &error) {
  if (!readFile(path, file, error)) {
    return false;
  }
  auto refuse = [&](const std::string &reason) {
    error = "'" + path + "' " + reason;
    return false;
  };
  if (file.compare(0, magicSize, magic, magicSize) != 0) {
    return refuse("is not a .npy file: save the input with numpy.save");
  }
  std::string_view headerText;
  Header header;
  if (!splitFile(file, headerText, data) || !HeaderParser(headerText).parse(header)) {
    return refuse("has a damaged .npy header: write it again with numpy.save");
  }
  if (std::string reason = findMismatch(header, format, data.size()); !reason.empty()) {
    return refuse(reason);
  }
  shape = std::move(header.shape);
  return true;
}

bool oriel::readNpy(const std::string &path, FloatArray &array, std::string &error) {
  std::string file;
  std::string_view data;
  if (!readArray(path, float32, file, array.shape, data, error)) {
    return false;
  }
  array.values.resize(data.size() / sizeof(float));
  // An empty array has no memory to copy to.
  if (!data.empty()) {
    memcpy(array.values.data(), data.data(), data.size());
  }
  return true;
}

bool oriel::readNpy(const std::string &path, data::Tensor &array, std::string &error) {
  std::string file;
  std::string_view data;
  const ElementFormat &format = array.elementType == ORIEL_ELEMENT_U8 ? uint8 : float32;
  if (!readArray(path, format, file, array.shape, data, error)) {
    return false;
  }
  auto *bytes = reinterpret_cast<const std::byte *>(data.data());
  array.bytes.assign(bytes, bytes + data.size());
  return true;
}

bool oriel::writeNpy(const std::string &path, const FloatArray &array, std::string &error) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t extent : array.shape) {
    header += std::to_string(extent) + ", ";
  }
  if (array.shape.size() > 1) {
    header.resize(header.size() - 2);
  }
  header += "), }";
  // The data begins at a multiple of 64 bytes, behind a line break.
  size_t prefix = magicSize + 4;
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';
  std::string file(magic, magicSize);
  file += {'\x01', '\x00', char(header.size() & 0xff), char(header.size() >> 8)};
  file += header;
  file.append(reinterpret_cast<const char *>(array.values.data()),
              array.values.size() * sizeof(float));
  return writeFile(path, file, error);
}
