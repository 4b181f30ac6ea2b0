//===- BufferLayout.cpp - How a kernel's operands lie in memory -----------===//

#include "compiler/Kernels/BufferLayout.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ParameterStorage.h"

using namespace oriel;

int64_t oriel::rowPitch(int64_t channels) {
  constexpr int64_t setsTimesLine = 4096;
  int64_t pitch = roundUpToPanel(channels);
  bool oneSet = pitch * static_cast<int64_t>(sizeof(float)) % setsTimesLine == 0;
  return oneSet ? pitch + panelWidth : pitch;
}

BufferLayout BufferLayout::inArena(llvm::ArrayRef<int64_t> shape, int64_t haloY, int64_t haloX) {
  BufferLayout layout;
  layout.shape.assign(shape.begin(), shape.end());
  layout.pitch = rowPitch(shape.back());
  layout.haloY = haloY;
  layout.haloX = haloX;
  return layout;
}

ElementType oriel::elementTypeOf(mlir::RankedTensorType type) {
  return type.getElementType().isInteger(8) ? ElementType::U8 : ElementType::F32;
}

BufferLayout BufferLayout::ofCaller(llvm::ArrayRef<int64_t> shape, ElementType element) {
  BufferLayout layout;
  layout.element = element;
  layout.shape.assign(shape.begin(), shape.end());
  layout.pitch = shape.back();
  layout.exact = true;
  return layout;
}

BufferLayout BufferLayout::ofParameter(mlir::RankedTensorType type) {
  BufferLayout layout;
  layout.shape.assign(type.getShape().begin(), type.getShape().end());
  layout.storage = getStorageShape(type);
  layout.pitch = layout.storage.back();
  layout.isParameter = true;
  layout.packed = type.getEncoding() != nullptr;
  return layout;
}

/// Stored extents, outermost first.
static llvm::SmallVector<int64_t> storedExtents(const BufferLayout &layout) {
  if (layout.isParameter) {
    return layout.storage;
  }
  llvm::SmallVector<int64_t> extents(layout.shape);
  if (layout.hasHalo()) {
    extents[1] += 2 * layout.haloY;
    extents[2] += 2 * layout.haloX;
  }
  extents.back() = layout.pitch;
  return extents;
}

llvm::SmallVector<Dimension> oriel::dimensionsOf(const BufferLayout &layout) {
  llvm::SmallVector<Dimension> dimensions;
  int64_t stride = 1;
  for (int64_t extent : llvm::reverse(storedExtents(layout))) {
    dimensions.push_back({0, static_cast<int32_t>(extent), static_cast<int32_t>(stride)});
    stride *= extent;
  }
  if (layout.hasHalo()) {
    dimensions[1].min = static_cast<int32_t>(-layout.haloX);
    dimensions[2].min = static_cast<int32_t>(-layout.haloY);
  }
  return dimensions;
}

int64_t oriel::bytesPerItem(const BufferLayout &layout) {
  auto extents = storedExtents(layout);
  return llvm::product_of(llvm::ArrayRef(extents).drop_front()) * layout.elementBytes();
}

int64_t oriel::bytes(const BufferLayout &layout) {
  return llvm::product_of(storedExtents(layout)) * layout.elementBytes();
}
