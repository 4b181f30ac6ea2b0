//===- Binding.h - Whether a weights file has a model's parameters --------===//
#ifndef ORIEL_FRONTEND_BINDING_H
#define ORIEL_FRONTEND_BINDING_H

#include "frontend/ParameterShape.h"
#include "frontend/Safetensors.h"

namespace oriel {

/// A parameter that the model has and the file has not, or otherwise; or the reverse.
struct BindingMismatch {
  std::string name;
  /// Shape in the model; nothing where the model has no such parameter.
  std::optional<std::vector<int64_t>> expected;
  /// Shape in the file; nothing where the file has no such tensor.
  std::optional<std::vector<int64_t>> actual;
  /// Type in the file where it is not one that can be read, else empty.
  std::string dtype;

  /// "head.fc.weight is 1000x768, expected 10x768".
  std::string describe() const;
};

struct BindingReport {
  std::string path;
  /// Missing, misshapen or unreadable parameters, in the model's order.
  std::vector<BindingMismatch> errors;
  /// Tensors of the file that the model does not have, in the order of their names.
  std::vector<BindingMismatch> unexpected;

  /// One line with the number of errors and the first three; nothing if there are none.
  std::optional<std::string> formatError() const;
  /// The same for unexpected tensors; nothing where there are errors.
  std::optional<std::string> formatWarning() const;
};

/// Compares a model's parameters with a file. Buffers that PyTorch derives from the model's sizes
/// are not unexpected, whatever their type: num_batches_tracked, relative_position_index,
/// relative_coords_table, attn_mask.
BindingReport checkBinding(llvm::ArrayRef<ParameterShape> parameters, const SafetensorsFile &file);

} // namespace oriel

#endif // ORIEL_FRONTEND_BINDING_H
