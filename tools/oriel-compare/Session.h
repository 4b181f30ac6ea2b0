//===- Session.h - One run of oriel-compare -------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_SESSION_H
#define ORIEL_TOOLS_ORIEL_COMPARE_SESSION_H

#include "tools/oriel-compare/Inputs.h"
#include "tools/oriel-compare/Options.h"
#include "tools/oriel-compare/Reduction.h"
#include "tools/oriel-compare/ReferenceComparison.h"
#include "tools/oriel-compare/Results.h"

#include "frontend/ParameterSource.h"

namespace oriel {

/// Loads model, weights and inputs, compiles, compares, and writes what was asked for.
class Session {
public:
  explicit Session(const CompareOptions &options);

  /// Throws ToolError where a layer is bad, and on any failure.
  void run();

private:
  void loadModel();
  void loadWeights();
  void compile();
  void loadReferences();
  void compareReferences();
  void compareLaunches();
  bool hear(const ComparisonRow &row, const Activations &stored);
  nlohmann::ordered_json describe() const;
  void writeFiles();
  void reduce();
  void conclude();

  CompareOptions options;
  InputArrays arrays;
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> model;
  std::unique_ptr<ParameterSource> parameters;
  CaseOptions caseOptions;
  ScratchFolder folder;
  CompiledCase compiled;
  std::vector<RunInput> parts;
  /// Of --reference.
  std::vector<LayerReference> references;
  TableWidths widths;
  std::vector<ComparisonRow> rows;
  /// Position in `rows`.
  std::optional<size_t> firstBad;
  /// Of --reduce.
  std::optional<BadLaunch> badLaunch;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_SESSION_H
