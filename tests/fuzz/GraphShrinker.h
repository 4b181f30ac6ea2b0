//===- GraphShrinker.h - The smallest graph that still fails --------------===//
#ifndef ORIEL_TESTS_FUZZ_GRAPHSHRINKER_H
#define ORIEL_TESTS_FUZZ_GRAPHSHRINKER_H

#include "tests/fuzz/Choices.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>

namespace oriel::fuzz {

/// Whether a smaller graph fails in the way that is looked for.
using StillFails = std::function<bool(mlir::ModuleOp)>;

/// Makes the generator's choices fewer and smaller for as long as the graph that they give fails:
/// fewer layers, simpler ones, smaller shapes. Tries up to `attempts` graphs. Returns the choices
/// of the last that failed.
ChoiceSequence shrinkChoices(mlir::MLIRContext &context, ChoiceSequence choices,
                             const StillFails &stillFails, int attempts);

/// Cuts ops out of a graph that fails, for as long as it does: returns what an op before the last
/// gives, puts inputs in the place of ops, or their own operands. Ends where no single cut is left
/// that fails. `graph` is of one block, @main's.
mlir::OwningOpRef<mlir::ModuleOp> sliceGraph(mlir::ModuleOp graph, const StillFails &stillFails);

/// Ops of @main without parameters and return.
int64_t countOps(mlir::ModuleOp graph);

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_GRAPHSHRINKER_H
