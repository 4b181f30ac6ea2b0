#include "runtime/data/Image.h"

#include <csetjmp>
#include <cstdio>
// After cstdio, which it needs.
#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

using namespace oriel;

namespace {

/// libjpeg's error handling: an error jumps back to decodeJpeg, warnings are counted.
struct ErrorManager {
  jpeg_error_mgr base;
  jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
  bool isTruncated;
  // One line of a CMYK image. Here, in memory that libjpeg knows, so that a jump back finds it as
  // it is.
  std::vector<uint8_t> row;
};

ErrorManager &errorManager(j_common_ptr decoder) {
  return *reinterpret_cast<ErrorManager *>(decoder->err);
}

[[noreturn]] void onError(j_common_ptr decoder) {
  ErrorManager &manager = errorManager(decoder);
  manager.base.format_message(decoder, manager.message);
  longjmp(manager.escape, 1);
}

void onMessage(j_common_ptr decoder, int level) {
  ErrorManager &manager = errorManager(decoder);
  if (level < 0 && manager.base.msg_code == JWRN_JPEG_EOF) {
    manager.isTruncated = true;
  }
}

/// Pillow's cmyk2rgb (src/libImaging/Convert.c), on values stored inverted as Adobe does, which
/// Pillow assumes of every CMYK file.
void convertCmykRow(const uint8_t *cmyk, int width, uint8_t *rgb) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    int white = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      // MULDIV255: a * b / 255, rounded.
      int product = (255 - cmyk[c]) * white + 128;
      rgb[c] = uint8_t(white - (((product >> 8) + product) >> 8));
    }
  }
}

/// Decodes into `image`. Holds nothing that a longjmp out of it would leak.
void decode(jpeg_decompress_struct &decoder, uint8_t *row, Image &image) {
  jpeg_start_decompress(&decoder);
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t *pixels = image.pixels.data() + size_t(decoder.output_scanline) * image.width * 3;
    bool isCmyk = decoder.out_color_space == JCS_CMYK;
    JSAMPROW target = isCmyk ? row : pixels;
    jpeg_read_scanlines(&decoder, &target, 1);
    if (isCmyk) {
      convertCmykRow(row, image.width, pixels);
    }
  }
  jpeg_finish_decompress(&decoder);
}

} // namespace

bool oriel::decodeJpeg(std::string_view file, Image &image, std::string &error) {
  jpeg_decompress_struct decoder;
  ErrorManager manager = {};
  decoder.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = onError;
  manager.base.emit_message = onMessage;
  if (setjmp(manager.escape) != 0) {
    jpeg_destroy_decompress(&decoder);
    error = manager.message;
    return false;
  }
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char *>(file.data()), file.size());
  jpeg_read_header(&decoder, TRUE);
  if (int64_t(decoder.image_width) * decoder.image_height > maxImagePixels) {
    jpeg_destroy_decompress(&decoder);
    error = "it has too many pixels";
    return false;
  }
  decoder.out_color_space = decoder.num_components == 4 ? JCS_CMYK : JCS_RGB;
  image.width = int(decoder.image_width);
  image.height = int(decoder.image_height);
  image.pixels.assign(size_t(image.width) * size_t(image.height) * 3, 0);
  manager.row.resize(size_t(image.width) * 4);
  decode(decoder, manager.row.data(), image);
  jpeg_destroy_decompress(&decoder);
  if (manager.isTruncated) {
    error = "it is truncated";
    return false;
  }
  return true;
}
