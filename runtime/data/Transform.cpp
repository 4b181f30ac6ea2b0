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
  int64_t height = preprocessing.height, width = preprocessing.width;
  auto hasItems = [&](std::initializer_list<int64_t> item) {
    return tensor.rank == 4 && std::equal(item.begin(), item.end(), tensor.dims + 1);
  };
  return tensor.element_type == ORIEL_ELEMENT_U8
             ? hasItems({height, width, 3})
             : tensor.element_type == ORIEL_ELEMENT_F32 && hasItems({3, height, width});
}

ImageTransform::ImageTransform(const oriel_signature &signature) {
  if (signature.input_count < 1 || signature.preprocessing == nullptr ||
      !isImage(signature.inputs[0], *signature.preprocessing)) {
    throw Error("the model does not say how an image becomes its input: give it arrays");
  }
  preprocessing = *signature.preprocessing;
  elementType = signature.inputs[0].element_type;
}

/// The resized image's centre, [height][width][3], black where that is smaller.
static std::vector<uint8_t> resizeAndCrop(const Image &image,
                                          const oriel_image_preprocessing &preprocessing) {
  Interpolation interpolation = preprocessing.interpolation == ORIEL_INTERPOLATION_BICUBIC
                                    ? Interpolation::Bicubic
                                    : Interpolation::Bilinear;
  Size size = resizedSize(image, preprocessing);
  Crop columns = centreCrop(size.width, preprocessing.width);
  Crop rows = centreCrop(size.height, preprocessing.height);
  Image crop = resizeImage(
      image, {size.width, size.height, columns.begin, rows.begin, columns.count, rows.count},
      interpolation);
  if (crop.width == preprocessing.width && crop.height == preprocessing.height) {
    return std::move(crop.pixels);
  }
  size_t rowBytes = 3 * size_t(preprocessing.width);
  std::vector<uint8_t> pixels(rowBytes * size_t(preprocessing.height));
  for (int y = 0; y < crop.height; ++y) {
    std::copy_n(crop.pixels.begin() + ptrdiff_t(y) * crop.width * 3, crop.width * 3,
                pixels.begin() + ptrdiff_t(rowBytes) * (y + rows.padding) + columns.padding * 3);
  }
  return pixels;
}

/// [pixels][3] to [3][pixels].
static void normalizePixels(const std::vector<uint8_t> &pixels,
                            const oriel_image_preprocessing &preprocessing, float *values) {
  float means[3], deviations[3];
  std::copy_n(preprocessing.mean, 3, means);
  std::copy_n(preprocessing.std, 3, deviations);
  KernelArray input(pixels.data(), pixels.size()), mean(means, 3), deviation(deviations, 3);
  KernelArray output(values, pixels.size() / 3, 3);
  preprocessingKernels().normalize(input, mean, deviation, output);
}

Tensor ImageTransform::operator()(const Image &image) const {
  std::vector<uint8_t> pixels = resizeAndCrop(image, preprocessing);
  if (elementType == ORIEL_ELEMENT_U8) {
    auto *bytes = reinterpret_cast<const std::byte *>(pixels.data());
    return {ORIEL_ELEMENT_U8,
            {preprocessing.height, preprocessing.width, 3},
            {bytes, bytes + pixels.size()}};
  }
  Tensor result = {ORIEL_ELEMENT_F32, {3, preprocessing.height, preprocessing.width}, {}};
  result.bytes.resize(sizeof(float) * pixels.size());
  normalizePixels(pixels, preprocessing, static_cast<float *>(result.data()));
  return result;
}
