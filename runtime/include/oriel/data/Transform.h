// From a picture to a model's input.

#ifndef ORIEL_DATA_TRANSFORM_H
#define ORIEL_DATA_TRANSFORM_H

#include "oriel/data/Image.h"
#include "oriel/module_abi.h"

#include <cstddef>
#include <span>

namespace oriel::data {

/// A dense row-major array, as oriel_context_run takes and gives it.
struct Tensor {
  /// ORIEL_ELEMENT_*.
  int32_t elementType = ORIEL_ELEMENT_F32;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;

  const void *data() const { return bytes.data(); }
  void *data() { return bytes.data(); }
  /// The elements; T is what elementType says.
  template <typename T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T)};
  }
};

/// timm's evaluation transform, with Pillow's values: the picture is resized so that it covers
/// floor(size / crop_pct) with its proportions kept, antialiased and rounded to 8 bits after each
/// of the two directions, the centre is cut out (black around it where the resized picture is
/// smaller), values are divided by 255 and normalised, (x - mean) / std; for a model that takes
/// bytes it ends with the crop. May be called by several threads at once.
class ImageTransform {
public:
  explicit ImageTransform(const oriel_image_preprocessing &preprocessing)
      : preprocessing(preprocessing) {}

  /// What the first input of a module wants. Throws Error where that is not an image.
  explicit ImageTransform(const oriel_signature &signature);

  /// float32 [3, height, width]; for a model that takes bytes uint8 [height, width, 3].
  Tensor operator()(const Image &image) const;

private:
  oriel_image_preprocessing preprocessing;
  /// ORIEL_ELEMENT_* of what it gives.
  int32_t elementType = ORIEL_ELEMENT_F32;
};

} // namespace oriel::data

#endif // ORIEL_DATA_TRANSFORM_H
