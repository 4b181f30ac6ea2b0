//===- GraphDialect.h - The oriel dialect ---------------------------------===//
//
// Ops, attributes, traits and interfaces of the phases "graph" and "fused".
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_DIALECT_GRAPH_GRAPHDIALECT_H
#define ORIEL_COMPILER_DIALECT_GRAPH_GRAPHDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace oriel {

/// Each row of the result depends on the same row of operand 0 only.
template <typename ConcreteType>
class RowWise : public mlir::OpTrait::TraitBase<ConcreteType, RowWise> {};

/// Each element of the result depends on one element of each operand.
template <typename ConcreteType>
class Pointwise : public mlir::OpTrait::TraitBase<ConcreteType, Pointwise> {};

/// The result's rows are operand 0's rows in another order.
template <typename ConcreteType>
class RowPermutation : public mlir::OpTrait::TraitBase<ConcreteType, RowPermutation> {};

/// Computes a parameter from parameters.
template <typename ConcreteType>
class ParameterArithmetic : public mlir::OpTrait::TraitBase<ConcreteType, ParameterArithmetic> {};

/// Whether a value is a parameter or computed from parameters alone.
bool isParameter(mlir::Value value);

/// The dotted layer name that a location carries; "" where it carries none.
llvm::StringRef getLayerName(mlir::Location location);

/// All layer names that a location carries, in order; of an op into which others were folded its
/// own is the first, and that of the value it computes the last.
llvm::SmallVector<llvm::StringRef> getLayerNames(mlir::Location location);

/// Width of a panel of packed parameters (see #oriel.panels).
inline constexpr int64_t panelWidth = 16;

/// n rounded up to whole panels.
inline constexpr int64_t roundUpToPanel(int64_t n) {
  return (n + panelWidth - 1) / panelWidth * panelWidth;
}

} // namespace oriel

#include "compiler/Dialect/Graph/GraphDialect.h.inc"
#include "compiler/Dialect/Graph/GraphInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/Dialect/Graph/GraphAttributes.h.inc"

#define GET_OP_CLASSES
#include "compiler/Dialect/Graph/GraphOps.h.inc"

#endif // ORIEL_COMPILER_DIALECT_GRAPH_GRAPHDIALECT_H
