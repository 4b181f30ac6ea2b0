//===- GraphGenerator.h - Random graphs of the oriel dialect --------------===//
#ifndef ORIEL_TESTS_FUZZ_GRAPHGENERATOR_H
#define ORIEL_TESTS_FUZZ_GRAPHGENERATOR_H

#include "tests/fuzz/Choices.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace oriel::fuzz {

/// A valid module of phase graph with @main, whatever the choices are: some inputs, some layers,
/// one result or more.
mlir::OwningOpRef<mlir::ModuleOp> generateGraph(mlir::MLIRContext &context, Choices &choices);

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_GRAPHGENERATOR_H
