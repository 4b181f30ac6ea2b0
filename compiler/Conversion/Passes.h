//===- Passes.h - From the fused graph to the llvm dialect ----------------===//
#ifndef ORIEL_COMPILER_CONVERSION_PASSES_H
#define ORIEL_COMPILER_CONVERSION_PASSES_H

#include "compiler/Kernels/BufferLayout.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace oriel {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/Conversion/Passes.h.inc"

/// Name of the function that runs the program; its type is oriel_variant::run.
inline constexpr llvm::StringLiteral runFunctionName = "oriel_run";

/// That of the function that runs one launch of it; its type is oriel_variant::run_launch.
inline constexpr llvm::StringLiteral runLaunchFunctionName = "oriel_run_launch";

/// The symbol of a function of the variant for `target`: "gemm_0.x86_64_v3" of "gemm_0" and
/// "x86-64-v3". The name alone where there is no target.
std::string variantSymbol(llvm::StringRef name, llvm::StringRef target);

} // namespace oriel

#endif // ORIEL_COMPILER_CONVERSION_PASSES_H
