// The decoders behind decodeImage, one for each format. Each throws Error with a few words, and
// refuses a picture of more than `maxPixels` pixels before it allocates any.

#ifndef ORIEL_RUNTIME_DATA_IMAGEDECODERS_H
#define ORIEL_RUNTIME_DATA_IMAGEDECODERS_H

#include "oriel/data/Image.h"

namespace oriel::data {

Image decodeJpeg(std::string_view file, int64_t maxPixels);
Image decodePng(std::string_view file, int64_t maxPixels);
Image decodeWebp(std::string_view file, int64_t maxPixels);

/// Throws Error where the picture has no pixel or too many.
void checkImageSize(int64_t width, int64_t height, int64_t maxPixels);

} // namespace oriel::data

#endif // ORIEL_RUNTIME_DATA_IMAGEDECODERS_H
