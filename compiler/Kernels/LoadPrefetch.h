//===- LoadPrefetch.h - Fetching what the next task loads -----------------===//
#ifndef ORIEL_COMPILER_KERNELS_LOADPREFETCH_H
#define ORIEL_COMPILER_KERNELS_LOADPREFETCH_H

#include "Halide.h"

#include <cstdint>
#include <string>

namespace oriel {

/// Where a task loads the lines that the next one will load `distance` elements on, each load is
/// accompanied by the fetch of that line. The processor's own prefetching starts anew on every
/// page, and in every task.
struct LoadPrefetch {
  std::string buffer;
  int64_t distance;
};

/// Adds the fetches to what `pipeline` computes.
void addPrefetch(Halide::Pipeline &pipeline, const LoadPrefetch &prefetch);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_LOADPREFETCH_H
