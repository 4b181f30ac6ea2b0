// From a photograph to a model's input, as timm's evaluation transform does it.

#ifndef ORIEL_RUNTIME_DATA_PREPROCESS_H
#define ORIEL_RUNTIME_DATA_PREPROCESS_H

#include "oriel/module_abi.h"
#include "runtime/data/Image.h"

namespace oriel {

/// Writes [3][height][width] floats to `output`: `image` resized so that it covers
/// floor(size / crop_pct) with its proportions kept, the centre cut out (black around it where the
/// resized image is smaller), values / 255, then (x - mean) / std.
void preprocessImage(const Image &image, const oriel_image_preprocessing &preprocessing,
                     float *output);

} // namespace oriel

#endif // ORIEL_RUNTIME_DATA_PREPROCESS_H
