// Sources of each rounding: huggingface/pytorch-image-models:timm/data/transforms_factory.py
// (transforms_imagenet_eval) and transforms.py (ResizeKeepRatio), pytorch/vision:torchvision/
// transforms/functional.py (_compute_resized_image_output_size, center_crop, to_tensor, normalize).

#include "oriel/data/Transform.h"

#include "runtime/data/Resize.h"

#include <algorithm>
#include <cmath>

using namespace oriel::data;

namespace {

struct Size {
  int64_t width;
  int64_t height;
};

/// The size to which `image` is resized before the crop.
Size resizedSize(const Image &image, const oriel_image_preprocessing &preprocessing) {
  auto target = [&](int size) {
    return std::max(int64_t(std::floor(size / preprocessing.crop_pct)), int64_t(1));
  };
  int64_t width = target(preprocessing.width), height = target(preprocessing.height);
  // A square: the shorter side gets its size, the longer one is rounded down.
  if (width == height) {
    if (image.width <= image.height) {
      return {width, int64_t(double(width * image.height) / image.width)};
    }
    return {int64_t(double(width * image.width) / image.height), width};
  }
  // Otherwise the image covers the size, rounded to nearest even.
  double ratio =
      std::min(double(image.height) / double(height), double(image.width) / double(width));
  auto rounded = [&](int size) {
    return std::max(int64_t(std::nearbyint(size / ratio)), int64_t(1));
  };
  return {rounded(image.width), rounded(image.height)};
}

/// How a line of the crop lies over a line of the resized image.
struct Crop {
  /// First pixel of the resized image, and where that lies in the crop: black before it.
  int64_t begin;
  int padding;
  /// Pixels of the resized image in the crop.
  int count;
};

Crop centreCrop(int64_t available, int size) {
  if (available < size) {
    return {0, int((size - available) / 2), int(available)};
  }
  return {int64_t(std::nearbyint(double(available - size) / 2.0)), 0, size};
}

} // namespace

/// Whether a module's first input is an image as `preprocessing` makes it.
static bool isImage(const oriel_tensor_info &tensor,
                    const oriel_image_preprocessing &preprocessing) {
  return tensor.element_type == ORIEL_ELEMENT_F32 && tensor.rank == 4 && tensor.dims[1] == 3 &&
         tensor.dims[2] == preprocessing.height && tensor.dims[3] == preprocessing.width;
}

ImageTransform::ImageTransform(const oriel_signature &signature) {
  if (signature.input_count < 1 || signature.preprocessing == nullptr ||
      !isImage(signature.inputs[0], *signature.preprocessing)) {
    throw Error("the model does not say how an image becomes its input: give it arrays");
  }
  preprocessing = *signature.preprocessing;
}

Tensor ImageTransform::operator()(const Image &image) const {
  Interpolation interpolation = preprocessing.interpolation == ORIEL_INTERPOLATION_BICUBIC
                                    ? Interpolation::Bicubic
                                    : Interpolation::Bilinear;
  Size size = resizedSize(image, preprocessing);
  Crop columns = centreCrop(size.width, preprocessing.width);
  Crop rows = centreCrop(size.height, preprocessing.height);
  Image crop = resizeImage(
      image, {size.width, size.height, columns.begin, rows.begin, columns.count, rows.count},
      interpolation);
  Tensor result = {ORIEL_ELEMENT_F32, {3, preprocessing.height, preprocessing.width}, {}};
  result.bytes.resize(sizeof(float) * 3 * size_t(preprocessing.height) *
                      size_t(preprocessing.width));
  auto *output = static_cast<float *>(result.data());
  for (int c = 0; c < 3; ++c) {
    float mean = float(preprocessing.mean[c]), deviation = float(preprocessing.std[c]);
    for (int y = 0; y < preprocessing.height; ++y) {
      for (int x = 0; x < preprocessing.width; ++x) {
        int cropX = x - columns.padding, cropY = y - rows.padding;
        bool isInside = cropX >= 0 && cropX < crop.width && cropY >= 0 && cropY < crop.height;
        size_t pixel = isInside ? size_t(cropY) * size_t(crop.width) + size_t(cropX) : 0;
        float value = isInside ? float(crop.pixels[pixel * 3 + size_t(c)]) / 255.0f : 0.0f;
        *output++ = (value - mean) / deviation;
      }
    }
  }
  return result;
}
