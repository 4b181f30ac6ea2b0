//===- ShapeChecks.h - Helpers of the ops' shape inference ----------------===//
#ifndef ORIEL_COMPILER_DIALECT_GRAPH_SHAPECHECKS_H
#define ORIEL_COMPILER_DIALECT_GRAPH_SHAPECHECKS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace oriel {

/// Shape of a ranked tensor value.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// `2x56x56x96`, as diagnostics print shapes.
inline std::string formatShape(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::interleave(shape, out, "x");
  return text.empty() ? "scalar" : text;
}

/// Checks constraints while an op's result type is inferred. The first broken one is reported at
/// the op's location as `<op> (<constraint>): <text>`; constraints are numbered in SPEC.md.
class ShapeCheck {
public:
  ShapeCheck(std::optional<mlir::Location> location, llvm::StringRef op)
      : location(location), op(op) {}

  /// Reports `parts` under `constraint` if `holds` is false.
  template <typename... Parts>
  bool require(bool holds, llvm::StringRef constraint, Parts &&...parts) {
    if (!holds && ok) {
      ok = false;
      (void)mlir::emitOptionalError(location, op, " (", constraint,
                                    "): ", std::forward<Parts>(parts)...);
    }
    return holds;
  }

  /// Requires a rank, naming the value.
  bool rank(mlir::Value value, size_t rank, llvm::StringRef constraint, llvm::StringRef name) {
    auto shape = shapeOf(value);
    return require(shape.size() == rank, constraint, name, " has rank ", shape.size(), " (",
                   formatShape(shape), "), expected ", rank);
  }

  /// Requires an exact shape, naming the value; absent (null) values pass.
  bool shape(mlir::Value value, llvm::ArrayRef<int64_t> expected, llvm::StringRef constraint,
             llvm::StringRef name) {
    if (!value) {
      return true;
    }
    auto shape = shapeOf(value);
    return require(shape == expected, constraint, name, " is ", formatShape(shape), ", expected ",
                   formatShape(expected));
  }

  bool failed() const { return !ok; }

private:
  std::optional<mlir::Location> location;
  llvm::StringRef op;
  bool ok = true;
};

/// The float32 tensor type of a shape.
inline mlir::RankedTensorType tensorOf(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> shape) {
  return mlir::RankedTensorType::get(shape, mlir::Float32Type::get(context));
}

} // namespace oriel

/// Head of an op's inference: the generated declaration's parameters.
#define ORIEL_INFER(Op)                                                                            \
  mlir::LogicalResult oriel::Op::inferReturnTypes(                                                 \
      mlir::MLIRContext *context, std::optional<mlir::Location> location, Adaptor adaptor,         \
      llvm::SmallVectorImpl<mlir::Type> &types)

#endif // ORIEL_COMPILER_DIALECT_GRAPH_SHAPECHECKS_H
