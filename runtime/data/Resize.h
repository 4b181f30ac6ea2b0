// Resizing with antialiasing, bit for bit as Pillow does it for 8-bit images.

#ifndef ORIEL_RUNTIME_DATA_RESIZE_H
#define ORIEL_RUNTIME_DATA_RESIZE_H

#include "oriel/data/Image.h"
#include "runtime/data/PreprocessingKernels.h"

namespace oriel::data {

enum class Interpolation { Bilinear, Bicubic };

/// A part of an image that has been resized to fullWidth x fullHeight pixels.
struct ResizedRegion {
  int64_t fullWidth;
  int64_t fullHeight;
  int64_t left;
  int64_t top;
  int width;
  int height;
};

/// The pixels of `region`, which lies within the resized image; nothing else of it is computed. As
/// python-pillow/Pillow:src/libImaging/Resample.c: coefficients in 22-bit fixed point, rounded to 8
/// bits after the first and after the second direction. The horizontal one is first, but, as in
/// Pillow 13, where an image loses rows, and more than twice as many as columns.
Image resizeImage(const Image &image, const ResizedRegion &region, Interpolation interpolation,
                  const PreprocessingKernels &kernels = preprocessingKernels());

} // namespace oriel::data

#endif // ORIEL_RUNTIME_DATA_RESIZE_H
