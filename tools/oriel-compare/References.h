//===- References.h - Activations of layers in a safetensors file ---------===//
//
// A file holds outputs of layers by name, as a framework's hooks give them. Here a layer's output
// is the last value that an op of the layer or of its sublayers computes. The compiled module
// stores some of these values: in the same order of elements, or with rows in another order, where
// window movements were sunk; others it computes within a kernel and never stores. Which is found
// out from values: the interpreter's of the model as it was and of the program.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_REFERENCES_H
#define ORIEL_TOOLS_ORIEL_COMPARE_REFERENCES_H

#include "frontend/Safetensors.h"
#include "tools/oriel-compare/LaunchProgram.h"

namespace oriel {

/// A tensor of the file and the layer's output in the model.
struct LayerReference {
  std::string name;
  /// As in the file.
  Tensor tensor;
  /// Of the model; null where it has no such layer.
  mlir::Value output;
  /// Items that the tensor is of.
  int64_t items = 0;
  /// Why it is not compared; "" where it is.
  std::string reason;
};

/// Reads all tensors of the file and finds their layers in a module of phase graph or fused, in the
/// order in which the model computes them, those without a layer last. Throws ToolError: for a file
/// that cannot be read, where no tensor names a layer, and where one is not of its layer's size.
std::vector<LayerReference> readReferences(const std::string &path, mlir::ModuleOp model);

/// The first `items` items of a reference in the order of elements of its layer's output, whose
/// value by the interpreter, or its first items, is `value`: channels last, or first where that is
/// the shape. Where it could be both, the one nearer to `value`. Nothing where it is neither.
std::optional<Tensor> toChannelLast(const Tensor &reference, const Tensor &value, int64_t items);

/// The first `items` items.
Tensor firstItems(const Tensor &tensor, int64_t items);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_REFERENCES_H
