//===- InvertedResidualShape.cpp - Sizes of an inverted residual block ----===//

#include "compiler/Kernels/InvertedResidualShape.h"

#include "compiler/Kernels/BufferLayout.h"

using namespace mlir;
using namespace oriel;

static constexpr int64_t floatBytes = sizeof(float);

InvertedResidualShape::InvertedResidualShape(const KernelPlan &plan)
    : expand(cast<Conv2DOp>(plan.hidden[0].product)),
      depthwise(cast<Conv2DOp>(plan.hidden[1].product)), project(cast<Conv2DOp>(plan.anchor)) {
  ArrayRef<int64_t> expanded = expand.getType().getShape(),
                    filtered = depthwise.getType().getShape();
  width = static_cast<int>(expanded[2]);
  filteredHeight = static_cast<int>(filtered[1]);
  filteredWidth = static_cast<int>(filtered[2]);
  filterHeight = static_cast<int>(depthwise.getFilter().getType().getShape()[2]);
  channels = static_cast<int>(roundUpToPanel(expanded[3]));
  expandedBytes = llvm::product_of(expanded.drop_back()) * channels * floatBytes;
}

int64_t InvertedResidualShape::workingBytes() const {
  int64_t inputs = expand.getInput().getType().getShape().back(),
          outputs = roundUpToPanel(project.getType().getShape().back());
  int64_t pixels = int64_t(filterHeight) * width + filteredWidth;
  return (pixels + inputs + outputs) * channels * floatBytes;
}
