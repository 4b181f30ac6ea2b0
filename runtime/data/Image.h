// Photographs as 8-bit RGB, decoded as Pillow's Image.open(path).convert("RGB") does: grey and
// palette images are expanded, an alpha channel is dropped, of 16 bits the high ones are kept, the
// orientation tag is not applied. (Of 16-bit grey images Pillow clips the values to 255 instead.)

#ifndef ORIEL_RUNTIME_DATA_IMAGE_H
#define ORIEL_RUNTIME_DATA_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oriel {

struct Image {
  int width = 0;
  int height = 0;
  /// [height][width][3], red first.
  std::vector<uint8_t> pixels;
};

/// More pixels than this are refused, as by Pillow (its decompression bomb limit).
constexpr int64_t maxImagePixels = 178956970;

/// Reads a JPEG or PNG file, told apart by its first bytes. False with one line in `error` that
/// names the file.
bool readImage(const std::string &path, Image &image, std::string &error);

/// The decoders behind readImage, on the bytes of a file; `error` says what is wrong in a few
/// words.
bool decodeJpeg(std::string_view file, Image &image, std::string &error);
bool decodePng(std::string_view file, Image &image, std::string &error);

} // namespace oriel

#endif // ORIEL_RUNTIME_DATA_IMAGE_H
