//===- Prefetches.h - All that a kernel fetches ahead ---------------------===//
#ifndef ORIEL_COMPILER_KERNELS_PREFETCHES_H
#define ORIEL_COMPILER_KERNELS_PREFETCHES_H

#include "compiler/Kernels/PanelPrefetch.h"
#include "compiler/Kernels/TaskPrefetch.h"

#include <optional>
#include <vector>

namespace oriel {

struct Prefetches {
  std::optional<PanelPrefetch> panels;
  std::vector<TaskPrefetch> tasks;

  bool isEmpty() const { return !panels && tasks.empty(); }
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_PREFETCHES_H
