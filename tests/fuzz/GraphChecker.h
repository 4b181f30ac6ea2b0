//===- GraphChecker.h - One graph, computed in every way there is ---------===//
//
//   interpreter(graph) = interpreter(graph after each pass) = compiled module
//
// A pass that keeps the roundings keeps each bit. All else differs by no more than the bounds of
// compiler/Reference/ErrorBounds.h.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TESTS_FUZZ_GRAPHCHECKER_H
#define ORIEL_TESTS_FUZZ_GRAPHCHECKER_H

#include "compiler/Pipeline/Compiler.h"

#include "mlir/Pass/Pass.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel::fuzz {

/// One way to compile: a target, a schedule.
struct Variant {
  std::string name;
  /// `output` is set for each module.
  CompileOptions options;
  /// Whether compilation begins from the fused module, as from a dump.
  bool fromFused = false;
  /// If not empty: the module is not run, but written to this path and `.so`, its case to `.case`.
  std::string writeTo;
};

using CompileFunction =
    std::function<llvm::Error(const CompileOptions &, mlir::ModuleOp, const ParameterSource &)>;

struct CheckOptions {
  std::vector<Variant> variants;
  /// The passes that are checked one by one.
  std::function<std::vector<std::unique_ptr<mlir::Pass>>()> passes;
  CompileFunction compile;
};

/// Every schedule in instructions that this processor has, through the whole pipeline.
CheckOptions makeCheckOptions();

/// Every schedule in the instructions of `target`, for modules to write: `writeTo` is to be set.
CheckOptions makeWriteOptions(const KernelTarget &target);

struct Verdict {
  enum class Kind {
    Same,
    /// The error bounds are so wide that nothing would be found.
    Vague,
    Different
  };
  Kind kind = Kind::Same;
  /// Of a difference: the pass or the variant, and what it is.
  std::string stage, text;
};

/// Checks a module of phase graph on random inputs and parameters, at its batch and at others.
/// `onStage` hears what is tried before it is, as it may crash. The process must have no threads.
Verdict checkGraph(mlir::ModuleOp graph, const CheckOptions &options,
                   llvm::function_ref<void(llvm::StringRef)> onStage);

/// The same in a process of its own: a crash or an endless loop is a difference.
Verdict checkGraphApart(mlir::ModuleOp graph, const CheckOptions &options);

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_GRAPHCHECKER_H
