//===- Weights.h - What --weights names -----------------------------------===//
#ifndef ORIEL_FRONTEND_WEIGHTS_H
#define ORIEL_FRONTEND_WEIGHTS_H

#include "frontend/Binding.h"
#include "frontend/ParameterSource.h"

#include <memory>

namespace oriel {

struct Weights {
  std::unique_ptr<ParameterSource> source;
  /// The values may be used only if this has no errors.
  BindingReport binding;
};

/// Opens the weights of a model with the given parameters: "random:SEED" or a safetensors file.
/// Fails, with one line, for a malformed seed or file; what the file lacks is in `binding`.
llvm::Expected<Weights> openWeights(llvm::StringRef specification,
                                    llvm::ArrayRef<ParameterShape> parameters);

} // namespace oriel

#endif // ORIEL_FRONTEND_WEIGHTS_H
