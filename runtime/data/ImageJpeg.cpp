#include "runtime/data/ImageDecoders.h"

#include <csetjmp>
#include <cstdio>
// After cstdio, which it needs.
#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

using namespace oriel::data;

namespace {

/// A progressive picture of more scans than this is refused: each costs as much as a picture.
constexpr int maxScans = 500;

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

/// libjpeg on one file. An error within libjpeg jumps back into the method that called it; all that
/// such a jump would leak is a member.
class JpegReader {
public:
  explicit JpegReader(std::string_view file) : file(file) {
    decoder.err = jpeg_std_error(&errors);
    decoder.client_data = this;
    errors.error_exit = onError;
    errors.emit_message = onMessage;
    progress.progress_monitor = onProgress;
  }
  ~JpegReader() { jpeg_destroy_decompress(&decoder); }
  JpegReader(const JpegReader &) = delete;
  JpegReader &operator=(const JpegReader &) = delete;

  /// Each false after an error, which message() then tells.
  bool readHeader() {
    if (setjmp(escape) != 0) {
      return false;
    }
    jpeg_create_decompress(&decoder);
    decoder.progress = &progress;
    jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char *>(file.data()), file.size());
    jpeg_read_header(&decoder, TRUE);
    decoder.out_color_space = decoder.num_components == 4 ? JCS_CMYK : JCS_RGB;
    return true;
  }
  bool readRows(Image &image) {
    if (setjmp(escape) != 0) {
      return false;
    }
    jpeg_start_decompress(&decoder);
    size_t stride = size_t(image.width) * 3;
    while (decoder.output_scanline < decoder.output_height) {
      // Grows with the rows that there are, so that a false header costs nothing.
      image.pixels.resize(image.pixels.size() + stride);
      readRow(image.pixels.data() + image.pixels.size() - stride, image.width);
    }
    jpeg_finish_decompress(&decoder);
    return true;
  }

  int64_t width() const { return decoder.image_width; }
  int64_t height() const { return decoder.image_height; }
  /// Fewer bits than a scan has blocks, where each takes one at least. A block is of at most 1024
  /// pixels: 8 by 8 values, each for up to 4 by 4 pixels. libjpeg would make up the rest.
  bool isTooShort() const {
    return decoder.arith_code == FALSE && width() * height() / 1024 / 8 > int64_t(file.size());
  }
  const char *message() const { return text; }
  /// For libjpeg's tables and, in a progressive picture, coefficients; beyond it, it fails.
  void limitMemory(int64_t bytes) { decoder.mem->max_memory_to_use = bytes; }
  void allocateCmykRow() { cmykRow.resize(size_t(width()) * 4); }

private:
  void readRow(uint8_t *pixels, int count) {
    bool isCmyk = decoder.out_color_space == JCS_CMYK;
    JSAMPROW row = isCmyk ? cmykRow.data() : pixels;
    jpeg_read_scanlines(&decoder, &row, 1);
    if (isCmyk) {
      convertCmykRow(row, count, pixels);
    }
  }

  static JpegReader &reader(j_common_ptr decoder) {
    return *static_cast<JpegReader *>(decoder->client_data);
  }
  [[noreturn]] static void fail(JpegReader &reader, const char *message) {
    snprintf(reader.text, sizeof reader.text, "%s", message);
    longjmp(reader.escape, 1);
  }
  [[noreturn]] static void onError(j_common_ptr decoder) {
    char message[JMSG_LENGTH_MAX];
    reader(decoder).errors.format_message(decoder, message);
    fail(reader(decoder), message);
  }
  /// libjpeg makes up what is missing at the end, and goes on after damage; so does Pillow, but for
  /// the former.
  static void onMessage(j_common_ptr decoder, int level) {
    if (level < 0 && reader(decoder).errors.msg_code == JWRN_JPEG_EOF) {
      fail(reader(decoder), "it is truncated");
    }
  }
  static void onProgress(j_common_ptr decoder) {
    if (reader(decoder).decoder.input_scan_number > maxScans) {
      fail(reader(decoder), "it has too many scans");
    }
  }

  std::string_view file;
  jpeg_decompress_struct decoder = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  jmp_buf escape;
  char text[JMSG_LENGTH_MAX] = "";
  std::vector<uint8_t> cmykRow;
};

} // namespace

Image oriel::data::decodeJpeg(std::string_view file, int64_t maxPixels) {
  JpegReader reader(file);
  if (!reader.readHeader()) {
    throw Error(reader.message());
  }
  checkImageSize(reader.width(), reader.height(), maxPixels);
  if (reader.isTooShort()) {
    throw Error("it is truncated");
  }
  Image image = {int(reader.width()), int(reader.height()), {}};
  image.pixels.reserve(size_t(image.width) * size_t(image.height) * 3);
  // Coefficients are 16-bit, of up to four components.
  reader.limitMemory(int64_t(image.width) * image.height * 12 + (1 << 24));
  reader.allocateCmykRow();
  if (!reader.readRows(image)) {
    throw Error(reader.message());
  }
  return image;
}
