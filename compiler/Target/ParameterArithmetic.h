//===- ParameterArithmetic.h - What @prepare computes with ----------------===//
//
// One overload of `computeParameter` for each op, in the file of its subject. Operands and results
// are the logical tensors, dense and row-major, whatever their types' encodings say; an absent
// operand is empty. Shapes have been checked by the ops' inference.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_PARAMETERARITHMETIC_H
#define ORIEL_COMPILER_TARGET_PARAMETERARITHMETIC_H

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace oriel {

using ParameterValues = std::vector<double>;
using ParameterOperands = llvm::ArrayRef<llvm::ArrayRef<double>>;

// BatchNormFolding.cpp
ParameterValues computeParameter(BatchNormScaleOp op, ParameterOperands operands);
ParameterValues computeParameter(BatchNormOffsetOp op, ParameterOperands operands);
ParameterValues computeParameter(ScaleFiltersOp op, ParameterOperands operands);

// WinogradFilter.cpp
ParameterValues computeParameter(WinogradFilterOp op, ParameterOperands operands);

// AttentionBias.cpp
ParameterValues computeParameter(RelativePositionBiasOp op, ParameterOperands operands);
ParameterValues computeParameter(ShiftMaskOp op, ParameterOperands operands);
ParameterValues computeParameter(AddOp op, ParameterOperands operands);

// PackParameter.cpp
/// Hands the storage of a parameter of type `type` (ParameterStorage.h) to `emit`, rounded to
/// float, in order and in pieces of a panel at most. Stops where `emit` fails.
llvm::Error emitStorage(mlir::RankedTensorType type, llvm::ArrayRef<double> values,
                        llvm::function_ref<llvm::Error(llvm::ArrayRef<float>)> emit);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_PARAMETERARITHMETIC_H
