// Pictures as 8-bit RGB, decoded as Pillow's Image.open(path).convert("RGB") does: grey and palette
// pictures are expanded, an alpha channel is dropped, of 16 bits the high eight are kept (of 16-bit
// grey, values above 255 become 255), CMYK is taken as Adobe stores it, the orientation tag is not
// applied, an animation is its first frame.

#ifndef ORIEL_DATA_IMAGE_H
#define ORIEL_DATA_IMAGE_H

#include "oriel/data/Error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oriel::data {

struct Image {
  int width = 0;
  int height = 0;
  /// [height][width][3], red first.
  std::vector<uint8_t> pixels;
};

/// What a decoder may allocate. A picture beyond it is refused before memory is asked for.
struct ImageLimits {
  /// Pillow's decompression bomb limit. The picture takes 3 bytes a pixel; the decoders take at
  /// most 16 more while they work, and 32 MiB for tables. In a lossless WebP file, each group of
  /// prefix codes, of which there may be one for 16 pixels and 65536 in all, takes some 20 KiB
  /// besides.
  int64_t pixels = 178956970;
  int64_t fileBytes = int64_t(1) << 30;
};

/// Reads a JPEG, PNG or WebP file, told apart by its first bytes. Throws Error.
Image readImage(const std::string &path, const ImageLimits &limits = {});

/// Decodes the bytes of a JPEG, PNG or WebP file. Throws Error, which says in a few words what is
/// wrong with them.
Image decodeImage(std::string_view file, const ImageLimits &limits = {});

} // namespace oriel::data

#endif // ORIEL_DATA_IMAGE_H
