//===- ReferenceComparison.h - A module against layers' references --------===//
//
// A reference and the module are two float32 runs of the whole model; each is off from the exact
// values by what its roundings have become on the way. How far that may be is found by a third run:
// the interpreter's, in which every kernel's result is moved up or down at random by the standard
// deviation that the roundings of one kernel can have (Rounding::Typical). Root mean square errors
// are held to twice the distance of that run from the undisturbed one, once for the reference and
// once for the module; the largest error to that many standard deviations which the largest of so
// many normal errors has.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_REFERENCECOMPARISON_H
#define ORIEL_TOOLS_ORIEL_COMPARE_REFERENCECOMPARISON_H

#include "tools/oriel-compare/Comparison.h"
#include "tools/oriel-compare/References.h"

namespace oriel {

/// Where the program stores a layer's output, and how far two runs of it may be apart.
struct StoredReference {
  int32_t launch = -1;
  size_t store = 0;
  /// Relative distance of the interpreter's two values, of model and program.
  double distance = std::numeric_limits<double>::infinity();
  /// Of a value that is stored with rows in another order: which row of the layer's output each
  /// stored row is.
  std::optional<std::vector<int64_t>> rows;
  /// Of the value by the interpreter alone: the layer's output in the model's order, and stored.
  Tensor output, stored;
  double rootMeanSquareLimit = 0, largestLimit = 0;
};

/// Finds where the program stores the references' layers, `model` being what it was lowered from;
/// one entry for each reference, of launch -1 where it is not stored, which `reason` then says.
/// Throws ToolError.
std::vector<StoredReference> locateReferences(const CompiledCase &compiled, mlir::ModuleOp model,
                                              const ParameterSource &parameters,
                                              const RunInput &input,
                                              std::vector<LayerReference> &references);

/// The module against the references that it stores, in the order of its launches. The rows' layers
/// are the references' names. Throws ToolError.
void compareWithReferences(const CompiledCase &compiled, ModuleRun &run, const RunInput &input,
                           const std::vector<LayerReference> &references,
                           const std::vector<StoredReference> &located, const RowListener &listen);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_REFERENCECOMPARISON_H
