#include "runtime/data/ImageDecoders.h"

#include <memory>
#include <webp/decode.h>
#include <webp/demux.h>

using namespace oriel::data;

namespace {
struct DeleteDecoder {
  void operator()(WebPAnimDecoder *decoder) const { WebPAnimDecoderDelete(decoder); }
};
} // namespace

// Through the decoder of animations, as Pillow does: a frame need not cover the canvas.
Image oriel::data::decodeWebp(std::string_view file, int64_t maxPixels) {
  WebPData data = {reinterpret_cast<const uint8_t *>(file.data()), file.size()};
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) {
    throw Error("it is damaged or truncated");
  }
  checkImageSize(features.width, features.height, maxPixels);
  WebPAnimDecoderOptions options;
  WebPAnimInfo info;
  WebPAnimDecoderOptionsInit(&options);
  std::unique_ptr<WebPAnimDecoder, DeleteDecoder> decoder(WebPAnimDecoderNew(&data, &options));
  uint8_t *canvas = nullptr;
  int timestamp = 0;
  if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info) ||
      !WebPAnimDecoderGetNext(decoder.get(), &canvas, &timestamp)) {
    throw Error("it is damaged or truncated");
  }
  Image image = {int(info.canvas_width), int(info.canvas_height), {}};
  size_t count = size_t(image.width) * size_t(image.height);
  image.pixels.resize(count * 3);
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      image.pixels[3 * i + c] = canvas[4 * i + c];
    }
  }
  return image;
}
