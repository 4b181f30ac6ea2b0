//===- ParameterStorage.cpp - How parameters lie in memory ----------------===//

#include "compiler/Dialect/Graph/ParameterStorage.h"

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

llvm::SmallVector<int64_t> oriel::getStorageShape(RankedTensorType parameter) {
  ArrayRef<int64_t> shape = parameter.getShape();
  if (shape.empty()) {
    return {panelWidth};
  }
  auto panels = dyn_cast_if_present<PanelsAttr>(parameter.getEncoding());
  int64_t panelCount = roundUpToPanel(shape.front()) / panelWidth;
  if (panels && shape.size() == 2) {
    return {panelCount, shape[1], panelWidth};
  }
  if (panels && shape.size() == 4 && panels.getDepthwise()) {
    return {shape[2], shape[3], panelCount * panelWidth};
  }
  if (panels && shape.size() == 4) {
    return {panelCount, shape[2], shape[3], shape[1], panelWidth};
  }
  llvm::SmallVector<int64_t> storage(shape);
  storage.back() = roundUpToPanel(storage.back());
  return storage;
}

int64_t oriel::getStorageSize(RankedTensorType parameter) {
  return llvm::product_of(getStorageShape(parameter));
}
