#include "runtime/data/ImageDecoders.h"

#include <csetjmp>
#include <cstring>
#include <png.h>

using namespace oriel::data;

namespace {

/// libpng on one file. An error within libpng jumps back into the method that called it; all that
/// such a jump would leak is a member.
class PngReader {
public:
  explicit PngReader(std::string_view file) : file(file), rest(file) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, onWarning);
    info = png != nullptr ? png_create_info_struct(png) : nullptr;
    if (info == nullptr) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader &) = delete;
  PngReader &operator=(const PngReader &) = delete;

  /// Each false after an error, which message() then tells.
  bool readHeader() {
    if (setjmp(png_jmpbuf(png)) != 0) {
      return false;
    }
    png_set_read_fn(png, this, readBytes);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    // Nothing of profiles, texts and times changes a pixel.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png, info);
    return true;
  }
  /// Rows are of `stride()` bytes, which the caller allocates.
  bool requestRgb() {
    if (setjmp(png_jmpbuf(png)) != 0) {
      return false;
    }
    int colorType = png_get_color_type(png, info);
    if (colorType == PNG_COLOR_TYPE_PALETTE) {
      png_set_palette_to_rgb(png);
    } else if ((colorType & PNG_COLOR_MASK_COLOR) == 0 && !isGrey16()) {
      png_set_expand_gray_1_2_4_to_8(png);
      png_set_gray_to_rgb(png);
    }
    if (!isGrey16()) {
      png_set_strip_16(png);
    }
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
  }
  bool readRows(std::vector<png_bytep> &rows) {
    if (setjmp(png_jmpbuf(png)) != 0) {
      // As Pillow, which looks at nothing behind the pixels.
      return hasPixels && isTruncated;
    }
    png_read_image(png, rows.data());
    hasPixels = true;
    png_read_end(png, nullptr);
    return true;
  }

  int64_t width() const { return png_get_image_width(png, info); }
  int64_t height() const { return png_get_image_height(png, info); }
  size_t stride() const { return png_get_rowbytes(png, info); }
  /// The values that Pillow clips instead of scaling.
  bool isGrey16() const {
    return png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY &&
           png_get_bit_depth(png, info) == 16;
  }
  /// Less data than deflate can make `bytes` bytes of, whatever they are (zlib's technical details:
  /// 1032 to 1).
  bool isTooShortFor(size_t bytes) const { return bytes / 1032 > file.size(); }
  const char *message() const { return text; }

private:
  static void readBytes(png_structp png, png_bytep data, size_t size) {
    auto *reader = static_cast<PngReader *>(png_get_io_ptr(png));
    if (size > reader->rest.size()) {
      reader->isTruncated = true;
      png_error(png, "it is truncated");
    }
    memcpy(data, reader->rest.data(), size);
    reader->rest.remove_prefix(size);
  }
  [[noreturn]] static void onError(png_structp png, png_const_charp message) {
    auto *reader = static_cast<PngReader *>(png_get_error_ptr(png));
    strncpy(reader->text, message, sizeof reader->text - 1);
    png_longjmp(png, 1);
  }
  static void onWarning(png_structp, png_const_charp) {}

  std::string_view file;
  std::string_view rest;
  png_structp png = nullptr;
  png_infop info = nullptr;
  bool hasPixels = false;
  bool isTruncated = false;
  char text[256] = "";
};

/// Rows of 16-bit grey, high byte first, to RGB in place: backwards, as a pixel grows.
void expandGrey16(uint8_t *pixels, size_t count) {
  for (size_t i = count; i-- > 0;) {
    uint8_t value = pixels[2 * i] > 0 ? 255 : pixels[2 * i + 1];
    memset(pixels + 3 * i, value, 3);
  }
}

} // namespace

Image oriel::data::decodePng(std::string_view file, int64_t maxPixels) {
  PngReader reader(file);
  if (!reader.readHeader()) {
    throw Error(reader.message());
  }
  checkImageSize(reader.width(), reader.height(), maxPixels);
  if (reader.isTooShortFor(reader.stride() * size_t(reader.height()))) {
    throw Error("it is truncated");
  }
  bool isGrey16 = reader.isGrey16();
  if (!reader.requestRgb()) {
    throw Error(reader.message());
  }
  Image image = {int(reader.width()), int(reader.height()), {}};
  if (reader.stride() != size_t(image.width) * (isGrey16 ? 2 : 3)) {
    throw Error("its pixels do not convert to RGB");
  }
  image.pixels.resize(size_t(image.width) * size_t(image.height) * 3);
  std::vector<png_bytep> rows;
  rows.reserve(size_t(image.height));
  for (int y = 0; y < image.height; ++y) {
    rows.push_back(image.pixels.data() + reader.stride() * size_t(y));
  }
  if (!reader.readRows(rows)) {
    throw Error(reader.message());
  }
  if (isGrey16) {
    expandGrey16(image.pixels.data(), size_t(image.width) * size_t(image.height));
  }
  return image;
}
