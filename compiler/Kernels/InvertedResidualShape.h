//===- InvertedResidualShape.h - Sizes of an inverted residual block ------===//
#ifndef ORIEL_COMPILER_KERNELS_INVERTEDRESIDUALSHAPE_H
#define ORIEL_COMPILER_KERNELS_INVERTEDRESIDUALSHAPE_H

#include "compiler/Kernels/KernelPlan.h"

namespace oriel {

/// The parts of a kernel of the family InvertedResidual and what they need of the caches.
struct InvertedResidualShape {
  explicit InvertedResidualShape(const KernelPlan &plan);

  /// The 1x1 convolution, the depthwise convolution that reads its activation, and the 1x1
  /// convolution that reads that one's.
  mutable Conv2DOp expand, depthwise, project;

  /// The map that the depthwise convolution reads, and the one that it makes.
  int width, filteredHeight, filteredWidth;
  /// Lines of the former that a line of the latter reads.
  int filterHeight;
  /// Of both, in whole panels.
  int channels;

  /// The expanded activation of the whole batch.
  int64_t expandedBytes;

  /// What a task reads again for each line: the expanded lines that one line needs, that line
  /// filtered, and the weights of both products.
  int64_t workingBytes() const;
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_INVERTEDRESIDUALSHAPE_H
