#include "runtime/data/PreprocessingKernels.h"

using namespace oriel::data;

#define DECLARE_KERNEL(name)                                                                       \
  extern "C" int name(KernelBuffer *, KernelBuffer *, KernelBuffer *, KernelBuffer *);
#define DECLARE_KERNELS(level)                                                                     \
  DECLARE_KERNEL(oriel_resize_rows_##level)                                                        \
  DECLARE_KERNEL(oriel_resize_narrow_rows_##level)                                                 \
  DECLARE_KERNEL(oriel_resize_columns_##level)                                                     \
  DECLARE_KERNEL(oriel_normalize_##level)
DECLARE_KERNELS(x86_64)
DECLARE_KERNELS(x86_64_v3)
DECLARE_KERNELS(x86_64_v4)

#define KERNELS(name, level)                                                                       \
  {name, oriel_resize_rows_##level, oriel_resize_narrow_rows_##level,                              \
   oriel_resize_columns_##level, oriel_normalize_##level}

std::vector<PreprocessingKernels> oriel::data::availablePreprocessingKernels() {
  std::vector<PreprocessingKernels> kernels = {KERNELS("x86-64", x86_64)};
  if (__builtin_cpu_supports("x86-64-v3")) {
    kernels.push_back(KERNELS("x86-64-v3", x86_64_v3));
  }
  if (__builtin_cpu_supports("x86-64-v4")) {
    kernels.push_back(KERNELS("x86-64-v4", x86_64_v4));
  }
  return kernels;
}

const PreprocessingKernels &oriel::data::preprocessingKernels() {
  static const PreprocessingKernels best = availablePreprocessingKernels().back();
  return best;
}
