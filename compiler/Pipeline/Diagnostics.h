//===- Diagnostics.h - MLIR's diagnostics as one-line messages ------------===//
#ifndef ORIEL_COMPILER_PIPELINE_DIAGNOSTICS_H
#define ORIEL_COMPILER_PIPELINE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace oriel {

/// Takes over a context's diagnostics while it lives. Nothing is printed: errors become one line
/// that begins with the layer, the rest (notes, IR) goes to the report.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// The first error as `<layer>: <text>`, or `fallback` if none was reported.
  llvm::Error takeError(llvm::StringRef fallback);

  /// Every diagnostic with its notes, for the report.
  const std::vector<std::string> &all() const { return texts; }

private:
  mlir::ScopedDiagnosticHandler handler;
  std::string firstError;
  std::vector<std::string> texts;
};

/// The first line of a text.
std::string firstLine(llvm::StringRef text);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_DIAGNOSTICS_H
