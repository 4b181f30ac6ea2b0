//===- WinogradTransform.h - The transforms of F(2x2, 3x3) ----------------===//
#ifndef ORIEL_COMPILER_KERNELS_WINOGRADTRANSFORM_H
#define ORIEL_COMPILER_KERNELS_WINOGRADTRANSFORM_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include "Halide.h"

namespace oriel {

/// Row `index` of B^T d, and of A^T m, for an index that is a constant once loops are unrolled.
Halide::Expr transformInput(const Halide::Expr &index, llvm::function_ref<Halide::Expr(int)> d);
Halide::Expr transformOutput(const Halide::Expr &index, llvm::function_ref<Halide::Expr(int)> m);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_WINOGRADTRANSFORM_H
