//===- MlpBlocks.cpp - The tasks of two products in one kernel ------------===//

#include "compiler/Kernels/MlpBlocks.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace oriel;
using llvm::alignTo, llvm::divideCeil;

static constexpr int64_t floatBytes = sizeof(float);

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

MlpShape::MlpShape(const KernelPlan &plan) {
  Value hiddenRows = plan.hidden.front().getResult();
  inputs = shapeOf(plan.hidden.front().product->getOperand(0)).back();
  hidden = shapeOf(hiddenRows).back();
  outputs = shapeOf(plan.anchor->getResult(0)).back();
  rows = llvm::product_of(shapeOf(hiddenRows).drop_back());
  itemRows = rows / shapeOf(hiddenRows).front();
}

int64_t MlpShape::hiddenBytes() const { return roundUpToPanel(hidden) * floatBytes; }

int64_t MlpShape::weightBytes() const {
  return (inputs * roundUpToPanel(hidden) + hidden * roundUpToPanel(outputs)) * floatBytes;
}

MlpBlocks oriel::chooseMlpBlocks(const MlpShape &shape, const KernelTarget &target) {
  constexpr int64_t fewTasks = 8;
  MlpBlocks blocks{};
  blocks.expand = chooseGemmTile(shape.itemRows, roundUpToPanel(shape.hidden) / panelWidth, target);
  blocks.project =
      chooseGemmTile(shape.itemRows, roundUpToPanel(shape.outputs) / panelWidth, target);
  int64_t panels = panelWidth * floatBytes *
                   (shape.inputs * blocks.expand.panels + shape.hidden * blocks.project.panels);
  int64_t rowBytes = roundUpToPanel(shape.inputs) * floatBytes + shape.hiddenBytes();
  int64_t tileBytes = blocks.project.rows * rowBytes;
  int64_t fitting = std::max<int64_t>(1, (target.l2Bytes / 2 - panels) / tileBytes);
  // Blocks of the same number of tiles, and a number of blocks that two threads share evenly.
  int64_t tiles = divideCeil(shape.itemRows, int64_t(blocks.project.rows));
  int64_t tasks = alignTo(std::max<int64_t>(fewTasks, divideCeil(tiles, fitting)), 2);
  tiles = divideCeil(tiles, tasks);
  blocks.rows = static_cast<int>(tiles * blocks.project.rows);
  blocks.hiddenRows = static_cast<int>(alignTo(blocks.rows, blocks.expand.rows));
  return blocks;
}
