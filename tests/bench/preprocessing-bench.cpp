// For compare_preprocessing.py: preprocessing-bench HEIGHT WIDTH CROP_PCT FILE. For each line COUNT
// on standard input, transforms the picture so many times, on one thread, and prints the seconds.

#include "oriel/data.h"
#include "runtime/data/PreprocessingKernels.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace oriel;

int main(int argc, char **argv) {
  if (argc != 5) {
    return 2;
  }
  data::ImageTransform transform(oriel_image_preprocessing{atoi(argv[1]),
                                                           atoi(argv[2]),
                                                           {0.485, 0.456, 0.406},
                                                           {0.229, 0.224, 0.225},
                                                           atof(argv[3]),
                                                           ORIEL_INTERPOLATION_BICUBIC,
                                                           0});
  data::Image image = data::readImage(argv[4]);
  printf("%s\n", data::preprocessingKernels().level);
  fflush(stdout);
  for (int count; scanf("%d", &count) == 1;) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      transform(image);
    }
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    printf("%.9f\n", elapsed.count());
    fflush(stdout);
  }
  return 0;
}
