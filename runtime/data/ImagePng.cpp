#include "runtime/data/Image.h"

#include <csetjmp>
#include <cstring>
#include <png.h>

using namespace oriel;

namespace {

struct Reader {
  std::string_view rest;
  char message[256];
  // Here, in memory that libpng knows, so that a jump back finds it as it is.
  std::vector<png_bytep> rows;
};

void readBytes(png_structp png, png_bytep data, size_t size) {
  auto *reader = static_cast<Reader *>(png_get_io_ptr(png));
  if (size > reader->rest.size()) {
    png_error(png, "it is truncated");
  }
  memcpy(data, reader->rest.data(), size);
  reader->rest.remove_prefix(size);
}

[[noreturn]] void onError(png_structp png, png_const_charp message) {
  auto *reader = static_cast<Reader *>(png_get_error_ptr(png));
  strncpy(reader->message, message, sizeof reader->message - 1);
  png_longjmp(png, 1);
}

void onWarning(png_structp, png_const_charp) {}

/// Asks libpng for 8-bit RGB.
void requestRgb(png_structp png, png_infop info) {
  int colorType = png_get_color_type(png, info);
  if (colorType == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
  } else if ((colorType & PNG_COLOR_MASK_COLOR) == 0) {
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
  }
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

} // namespace

bool oriel::decodePng(std::string_view file, Image &image, std::string &error) {
  Reader reader = {file, "", {}};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, onError, onWarning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  if (info == nullptr) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    error = "no memory for it";
    return false;
  }
  if (setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    error = reader.message;
    return false;
  }
  png_set_read_fn(png, &reader, readBytes);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_read_info(png, info);
  image.width = int(png_get_image_width(png, info));
  image.height = int(png_get_image_height(png, info));
  if (int64_t(image.width) * image.height > maxImagePixels) {
    png_error(png, "it has too many pixels");
  }
  requestRgb(png, info);
  size_t stride = size_t(image.width) * 3;
  if (png_get_rowbytes(png, info) != stride) {
    png_error(png, "its pixels do not convert to RGB");
  }
  image.pixels.assign(stride * size_t(image.height), 0);
  reader.rows.reserve(size_t(image.height));
  for (int y = 0; y < image.height; ++y) {
    reader.rows.push_back(image.pixels.data() + stride * size_t(y));
  }
  png_read_image(png, reader.rows.data());
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}
