//===- Preprocessing.h - How an image becomes a model's input -------------===//
#ifndef ORIEL_FRONTEND_PREPROCESSING_H
#define ORIEL_FRONTEND_PREPROCESSING_H

#include "frontend/Size2D.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <array>
#include <optional>

namespace oriel {

enum class Interpolation { Bilinear, Bicubic };

/// "bilinear" or "bicubic".
llvm::StringRef toString(Interpolation interpolation);
std::optional<Interpolation> parseInterpolation(llvm::StringRef text);

/// As timm evaluates: the shorter side resized to floor(size / cropPct) with antialiasing, the
/// centre cropped, values / 255, then (x - mean) / std for each of red, green and blue.
struct Preprocessing {
  Size2D size;
  std::array<double, 3> mean = {0, 0, 0};
  std::array<double, 3> std = {1, 1, 1};
  double cropPct = 1;
  Interpolation interpolation = Interpolation::Bicubic;

  bool operator==(const Preprocessing &) const = default;
};

/// Attaches `preprocessing` to the module:
///
///   oriel.preprocessing = {crop_pct = 0.9 : f64, input_size = array<i64: 3, 224, 224>,
///                          interpolation = "bicubic", mean = array<f64: ...>, std = array<f64:
///                          ...>}
void attachPreprocessing(mlir::ModuleOp module, const Preprocessing &preprocessing);

/// What is attached to the module; nothing where its input is not an image. Fails, with one line,
/// where the attribute is not as attachPreprocessing writes it.
llvm::Expected<std::optional<Preprocessing>> readPreprocessing(mlir::ModuleOp module);

} // namespace oriel

#endif // ORIEL_FRONTEND_PREPROCESSING_H
