//===- Comparison.h - A module against the interpreter, launch by launch --===//
//
// An interpreter's run of the whole model drifts from the module's, as each launch rounds what the
// ones before have rounded; no useful bound holds for that. So each launch is checked alone: the
// interpreter computes it from what the module itself has stored before, and the bound is that of
// the roundings of one kernel. The first launch beyond it is the culprit, not a victim. How far the
// module has drifted from a run of the interpreter alone is told beside it.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_COMPARISON_H
#define ORIEL_TOOLS_ORIEL_COMPARE_COMPARISON_H

#include "tools/oriel-compare/CompiledCase.h"
#include "tools/oriel-compare/Difference.h"
#include "tools/oriel-compare/ModuleRun.h"

#include <limits>

namespace oriel {

/// One stored value.
struct ComparisonRow {
  /// Position in the launch table.
  int32_t launch = 0;
  /// Layer of the launch's anchor, and the one whose result the value is.
  std::string layer, storedLayer;
  std::string kernel;
  std::vector<int64_t> shape;
  Difference difference;
  /// Relative distance from what a run of the interpreter alone gives; not a number where that was
  /// not made.
  double drift = std::numeric_limits<double>::quiet_NaN();
  /// Indices of the worst element, that of the batch counted from the input's first item.
  std::string position;
  /// What else there is to say of a bad value; "" for nothing.
  std::string remark;
};

/// Hears of each value in order, and of what the launch read and the module has stored before it.
/// Returns whether to go on.
using RowListener = std::function<bool(const ComparisonRow &row, const Activations &stored)>;

/// Which items of the input a run takes: `inputs` of the program's batch, the first of them the
/// `firstItem`th.
struct RunInput {
  std::vector<Tensor> inputs;
  int64_t firstItem = 0;
};

/// The inputs, as the first activations.
Activations makeActivations(const LaunchProgram &program, const RunInput &input);

/// Adds what a launch stores and drops what no later one reads.
void storeResults(Activations &activations, const ProgramLaunch &launch,
                  std::vector<Tensor> values);

/// A row for store `store` of a launch.
ComparisonRow makeRow(const LaunchProgram &program, int32_t index, size_t store,
                      const Tensor &value, Difference difference, int64_t firstItem);

/// The module against the interpreter. Throws ToolError.
void compareWithInterpreter(const CompiledCase &compiled, ModuleRun &run, const RunInput &input,
                            const RowListener &listen);

struct TargetRun {
  std::string target;
  ModuleRun *run;
};

/// The module for `other` against that for `base`. Their values may differ by what the interpreter
/// makes of the difference of their inputs, and by each kernel's bound. Throws ToolError.
void compareTargets(const CompiledCase &compiled, const TargetRun &base, const TargetRun &other,
                    const RunInput &input, const RowListener &listen);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_COMPARISON_H
