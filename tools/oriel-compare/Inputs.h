//===- Inputs.h - The arrays of --input -----------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_INPUTS_H
#define ORIEL_TOOLS_ORIEL_COMPARE_INPUTS_H

#include "tools/oriel-compare/Comparison.h"

#include <optional>

namespace oriel {

/// What --input names: files, or a seed.
struct InputArrays {
  struct Array {
    std::string path;
    Tensor value;
    bool isPixels;
  };
  std::vector<Array> arrays;
  /// Of random:SEED; `arrays` is empty then.
  std::optional<uint64_t> seed;

  /// Dimension 0 of the first array, if there is one.
  std::optional<int64_t> getItems() const;
  /// Keeps the first `items` items of each array.
  void truncate(int64_t items);
};

/// Reads the files. Throws ToolError.
InputArrays readInputs(const std::vector<std::string> &specifications);

/// The inputs of @main (or of a program) in parts of its batch, at most `itemLimit` items of them;
/// random ones are one part. Throws ToolError where an array does not fit.
std::vector<RunInput> splitInputs(const InputArrays &inputs, mlir::ModuleOp module,
                                  int64_t itemLimit);

/// The types of the inputs of a module of phase graph, fused or exec, in order.
std::vector<mlir::RankedTensorType> getInputTypes(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_INPUTS_H
