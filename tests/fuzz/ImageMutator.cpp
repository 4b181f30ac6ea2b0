#include "tests/fuzz/ImageMutator.h"

#include <algorithm>
#include <random>
#include <zlib.h>

using namespace oriel::fuzz;

namespace {

class Mutator {
public:
  Mutator(std::string file, const std::vector<std::string> &sources, uint64_t seed)
      : file(std::move(file)), sources(sources), generator(seed) {}

  std::string mutate() {
    // Mostly few changes: damage that is found late goes deep.
    uint64_t count = 1 + below(1 + below(1 + below(8)));
    for (uint64_t i = 0; i < count && file.size() > 16; ++i) {
      change();
    }
    if (file.starts_with("\x89PNG") && below(10) > 0) {
      mendPngChecksums(file);
    }
    if (file.starts_with("RIFF") && file.size() >= 8 && below(2) > 0) {
      putLittle(4, uint32_t(file.size() - 8));
    }
    return std::move(file);
  }

private:
  uint64_t below(uint64_t bound) { return generator() % bound; }
  uint32_t pickSize() {
    constexpr uint32_t sizes[] = {0,      1,      0x7f,   0xff,       0x7fff,     60000,
                                  0xffff, 0x3fff, 0x7000, 0x7fffffff, 0x80000000, 0xffffffff};
    return sizes[below(std::size(sizes))];
  }
  /// A place behind the first bytes, which say what the file is: every fourth time near the
  /// beginning, where the headers are.
  size_t place() {
    size_t size = file.size() - 12;
    return 12 + below(below(4) > 0 ? size : std::min<size_t>(size, 64));
  }
  void putLittle(size_t at, uint32_t value) { put(at, value, 4); }
  /// The low `count` bytes of `value`, the lowest first.
  void put(size_t at, uint32_t value, size_t count) {
    for (size_t i = 0; i < count && at + i < file.size(); ++i) {
      file[at + i] = char(value >> (8 * i));
    }
  }
  void putBig(size_t at, uint32_t value) { putLittle(at, __builtin_bswap32(value)); }

  /// A false width, height or both where the format has them.
  void forgeSizes() {
    uint64_t which = below(3);
    for (uint32_t second = 0; second < 2; ++second) {
      if (which == 2 || which == second) {
        forgeSize(second, pickSize());
      }
    }
  }
  void forgeSize(uint32_t second, uint32_t size) {
    if (file.starts_with("\x89PNG")) {
      putBig(16 + 4 * second, size);
    } else if (size_t frame = findFrame(); frame != std::string::npos) {
      put(frame + 5 + 2 * second, size >> 8 | size << 8, 2);
    } else if (std::string_view(file).substr(12, 4) == "VP8X") {
      put(24 + 3 * second, size, 3);
    } else {
      // VP8 has its 14-bit sizes behind a start code, VP8L behind a signature.
      put(file[15] == 'L' ? 21 : 26 + 2 * second, size, 2);
    }
  }
  /// The marker SOF0, SOF1 or SOF2 of a JPEG file.
  size_t findFrame() const {
    for (size_t at = 2; file.starts_with("\xff\xd8") && at + 9 < file.size(); ++at) {
      if (file[at] == '\xff' && uint8_t(file[at + 1]) >= 0xc0 && uint8_t(file[at + 1]) <= 0xc2) {
        return at;
      }
    }
    return std::string::npos;
  }

  void change() {
    size_t at = place(), length = 1 + below(std::min<size_t>(file.size() - at, 64));
    switch (below(9)) {
    case 0:
      file[at] = char(below(256));
      return;
    case 1:
      file[at] = char(file[at] ^ (1 << below(8)));
      return;
    case 2: {
      uint32_t size = pickSize();
      below(2) > 0 ? putLittle(at, size) : putBig(at, size << (below(2) > 0 ? 16 : 0));
      return;
    }
    case 3:
      file.erase(at, length);
      return;
    case 4:
      file.insert(at, file.substr(at, length));
      return;
    case 5:
      file.resize(at);
      return;
    case 6: {
      const std::string &other = sources[below(sources.size())];
      size_t from = below(other.size());
      file.replace(at, length, other.substr(from, length));
      return;
    }
    case 7:
      forgeSizes();
      return;
    default:
      std::fill_n(file.begin() + ptrdiff_t(at), length, below(2) > 0 ? '\xff' : '\0');
    }
  }

  std::string file;
  const std::vector<std::string> &sources;
  std::mt19937_64 generator;
};

} // namespace

void oriel::fuzz::mendPngChecksums(std::string &file) {
  auto big = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) {
      value = value << 8 | uint8_t(file[at + i]);
    }
    return value;
  };
  for (size_t at = 8; at + 12 <= file.size();) {
    size_t length = big(at);
    if (length > file.size() - at - 12) {
      return;
    }
    auto checksum =
        uint32_t(crc32(0, reinterpret_cast<const Bytef *>(file.data()) + at + 4, uInt(length + 4)));
    for (size_t i = 0; i < 4; ++i) {
      file[at + 8 + length + i] = char(checksum >> (24 - 8 * i));
    }
    at += 12 + length;
  }
}

std::string oriel::fuzz::mutateImage(const std::vector<std::string> &sources, uint64_t seed) {
  return Mutator(sources[seed % sources.size()], sources, seed).mutate();
}
