//===- ModelTrial.h - Tuned kernels where they run ------------------------===//
//
// A kernel that gains alone need not gain in the model, where others have left their data in the
// caches. So the model is compiled with the cost model's schedules and with those of the table, and
// both run in turns.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_TUNE_MODELTRIAL_H
#define ORIEL_TOOLS_ORIEL_TUNE_MODELTRIAL_H

#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Tuning/TuningTable.h"
#include "tools/oriel-tune/Gain.h"

#include "mlir/IR/BuiltinOps.h"

namespace oriel {

struct KernelGain {
  /// Of TuningTable.
  std::string key;
  std::string kernel, layer;
  /// Of the time of all of its launches in a run.
  Gain gain;
};

struct ModelGain {
  /// The kernels whose schedules differ.
  std::vector<KernelGain> kernels;
  Gain whole;
};

/// Compares the model, a module of phase exec, with what `table` holds for `cpu` against the cost
/// model's schedules; no kernels where the table changes nothing. Takes about half a minute and the
/// time of two compilations. Throws ToolError.
ModelGain tryInModel(mlir::ModuleOp module, const TuningTable &table, const std::string &cpu,
                     const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_TUNE_MODELTRIAL_H
