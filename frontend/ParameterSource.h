//===- ParameterSource.h - Where parameter values come from ---------------===//
//
// The one way to the values of `oriel.param`: a safetensors file and seeded random values both
// implement it, the interpreter and the preparation of parameters read through it.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_FRONTEND_PARAMETERSOURCE_H
#define ORIEL_FRONTEND_PARAMETERSOURCE_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace oriel {

/// Named tensors, each in PyTorch's shape and row-major order. Immutable: the functions may be
/// called from several threads at once.
class ParameterSource {
public:
  virtual ~ParameterSource() = default;

  /// Shape of the tensor `name`, or nothing where the source has no such tensor.
  virtual std::optional<std::vector<int64_t>> lookup(std::string_view name) const = 0;

  /// Writes the tensor `name` as float32 to `values`, which has room for as many elements as its
  /// shape says. Fails, with one line, where the tensor is absent or is not of a floating-point
  /// type that float32 holds exactly.
  virtual llvm::Error read(std::string_view name, float *values) const = 0;
};

} // namespace oriel

#endif // ORIEL_FRONTEND_PARAMETERSOURCE_H
