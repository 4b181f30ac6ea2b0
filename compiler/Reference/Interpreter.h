//===- Interpreter.h - The oracle of every other test ---------------------===//
//
// Runs functions of the phases "graph" and "fused" in plain C++: values are
// float between ops, each op computes in double and rounds once.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_REFERENCE_INTERPRETER_H
#define ORIEL_COMPILER_REFERENCE_INTERPRETER_H

#include "compiler/Reference/Tensor.h"
#include "frontend/ParameterSource.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

#include <functional>

namespace oriel {

/// Sees the result of each op as soon as it is computed, inside of `@prepare` and of kernels too.
using Observer = std::function<void(mlir::Value value, const Tensor &tensor)>;

/// Runs a function with one block; `arguments` have the types' shapes, and so have the results.
/// `oriel.prepared` takes its values from `@prepare` of the same module, which then runs first.
/// What goes wrong (a missing parameter, an op that is not of the dialect) is reported as a
/// diagnostic at the op.
llvm::FailureOr<std::vector<Tensor>> interpret(mlir::func::FuncOp function,
                                               llvm::ArrayRef<Tensor> arguments,
                                               const ParameterSource &parameters,
                                               const Observer &observer = {});

/// Runs one block, such as the body of a kernel, which may contain neither `oriel.param` nor
/// `oriel.prepared`; returns the operands of its terminator.
llvm::FailureOr<std::vector<Tensor>> interpret(mlir::Block &block, llvm::ArrayRef<Tensor> arguments,
                                               const Observer &observer = {});

/// Runs `@prepare`: the entries of the parameter block by name, before packing (`oriel.pack` is the
/// identity).
llvm::FailureOr<llvm::StringMap<Tensor>> interpretPrepare(mlir::func::FuncOp prepare,
                                                          const ParameterSource &parameters,
                                                          const Observer &observer = {});

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_INTERPRETER_H
