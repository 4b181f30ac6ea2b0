#include "runtime/data/Image.h"

#include "runtime/data/File.h"

using namespace oriel;

bool oriel::readImage(const std::string &path, Image &image, std::string &error) {
  std::string file;
  if (!readFile(path, file, error)) {
    return false;
  }
  bool isJpeg = file.starts_with("\xff\xd8\xff");
  bool isPng = file.starts_with("\x89PNG\r\n\x1a\n");
  if (!isJpeg && !isPng) {
    error = "'" + path + "' is neither a JPEG nor a PNG image: convert it";
    return false;
  }
  std::string reason;
  if (!(isJpeg ? decodeJpeg(file, image, reason) : decodePng(file, image, reason))) {
    error = "cannot decode the image '" + path + "': " + reason;
    return false;
  }
  return true;
}
