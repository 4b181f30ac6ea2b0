//===- ExecDialect.h - The exec dialect -----------------------------------===//
//
// Buffers, kernels and launches: the phase "exec".
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_DIALECT_EXEC_EXECDIALECT_H
#define ORIEL_COMPILER_DIALECT_EXEC_EXECDIALECT_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Kernels/BufferLayout.h"

#include "mlir/IR/SymbolTable.h"

namespace oriel::exec {

/// Where a buffer lies.
enum class Space { External, Arena, Parameter };

} // namespace oriel::exec

#include "compiler/Dialect/Exec/ExecDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "compiler/Dialect/Exec/ExecTypes.h.inc"

#define GET_OP_CLASSES
#include "compiler/Dialect/Exec/ExecOps.h.inc"

#endif // ORIEL_COMPILER_DIALECT_EXEC_EXECDIALECT_H
