#include "oriel/data/Image.h"

#include "runtime/data/File.h"
#include "runtime/data/ImageDecoders.h"

#include <new>

using namespace oriel;
using namespace oriel::data;

void oriel::data::checkImageSize(int64_t width, int64_t height, int64_t maxPixels) {
  std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (width <= 0 || height <= 0) {
    throw Error("it has no pixels (" + size + ")");
  }
  if (height > maxPixels / width) {
    throw Error("it has too many pixels (" + size + " of " + std::to_string(maxPixels) +
                "): scale it down");
  }
}

using Decoder = Image (*)(std::string_view file, int64_t maxPixels);

static Decoder findDecoder(std::string_view file) {
  if (file.starts_with("\xff\xd8\xff")) {
    return decodeJpeg;
  }
  if (file.starts_with("\x89PNG\r\n\x1a\n")) {
    return decodePng;
  }
  if (file.starts_with("RIFF") && file.size() >= 12 && file.substr(8, 4) == "WEBP") {
    return decodeWebp;
  }
  return nullptr;
}

static Image decodeWith(Decoder decoder, std::string_view file, const ImageLimits &limits) {
  try {
    return decoder(file, limits.pixels);
  } catch (const std::bad_alloc &) {
    throw Error("there is no memory for it");
  }
}

Image oriel::data::decodeImage(std::string_view file, const ImageLimits &limits) {
  Decoder decoder = findDecoder(file);
  if (decoder == nullptr) {
    throw Error("neither JPEG, PNG nor WebP: convert it");
  }
  return decodeWith(decoder, file, limits);
}

Image oriel::data::readImage(const std::string &path, const ImageLimits &limits) {
  std::string file, error;
  if (!readFile(path, file, error, limits.fileBytes)) {
    throw Error(error);
  }
  Decoder decoder = findDecoder(file);
  if (decoder == nullptr) {
    throw Error("'" + path + "' is neither a JPEG, a PNG nor a WebP image: convert it");
  }
  try {
    return decodeWith(decoder, file, limits);
  } catch (const Error &reason) {
    throw Error("cannot decode the image '" + path + "': " + reason.what());
  }
}
