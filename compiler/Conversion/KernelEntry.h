//===- KernelEntry.h - From pointers to a kernel object's arguments -------===//
#ifndef ORIEL_COMPILER_CONVERSION_KERNELENTRY_H
#define ORIEL_COMPILER_CONVERSION_KERNELENTRY_H

#include "compiler/Dialect/Exec/ExecDialect.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace oriel {

/// On the `oriel.kernel` of an `exec.kernel`: what it stores is to be wrong, so that a test can see
/// that a comparison finds it. The entry turns the element x in the middle of the first item of the
/// first output into x + 1 + |x|. For processors only.
inline constexpr llvm::StringLiteral perturbedAttribute = "oriel.perturbed";

/// Adds `i32 @launch_<kernel>(ptr worker, i32 batch, ptr buffer...)` at the end of the module, and
/// a declaration of `i32 @<kernel>(ptr worker, ptr halide_buffer_t...)`, which the kernel's object
/// for `target` defines; both names as variantSymbol has them. Buffers are in the order inputs,
/// outputs. The function makes the halide_buffer_ts on its stack; the extent of dimension 0 of
/// everything but parameters is the run's batch.
mlir::LLVM::LLVMFuncOp makeKernelEntry(mlir::OpBuilder &builder, exec::KernelOp kernel,
                                       llvm::StringRef target);

} // namespace oriel

#endif // ORIEL_COMPILER_CONVERSION_KERNELENTRY_H
