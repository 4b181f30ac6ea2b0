// For check_preprocessing.py: transform HEIGHT WIDTH CROP_PCT bilinear|bicubic FILE... writes the
// transformed pictures, not normalised, to FILE.npy.

#include "oriel/data.h"
#include "runtime/data/Npy.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace oriel;

int main(int argc, char **argv) {
  if (argc < 6) {
    return 2;
  }
  bool isBicubic = strcmp(argv[4], "bicubic") == 0;
  data::ImageTransform transform(oriel_image_preprocessing{atoi(argv[1]),
                                                           atoi(argv[2]),
                                                           {0, 0, 0},
                                                           {1, 1, 1},
                                                           atof(argv[3]),
                                                           isBicubic ? ORIEL_INTERPOLATION_BICUBIC
                                                                     : ORIEL_INTERPOLATION_BILINEAR,
                                                           0});
  for (int i = 5; i < argc; ++i) {
    data::Tensor tensor = transform(data::readImage(argv[i]));
    std::span<const float> values = tensor.values<float>();
    std::string error;
    if (!writeNpy(std::string(argv[i]) + ".npy", {tensor.shape, {values.begin(), values.end()}},
                  error)) {
      fprintf(stderr, "%s\n", error.c_str());
      return 1;
    }
  }
  return 0;
}
