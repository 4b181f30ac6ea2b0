//===- KernelBytes.h - A compiled kernel as bytes -------------------------===//
//
// What a child process sends and the cache holds.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_KERNELBYTES_H
#define ORIEL_COMPILER_PIPELINE_KERNELBYTES_H

#include "compiler/Kernels/KernelCompiler.h"

namespace oriel {

std::string serializeKernel(const CompiledKernel &kernel);

/// The kernel of bytes that serializeKernel of this very compiler has made.
CompiledKernel deserializeKernel(llvm::StringRef bytes);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_KERNELBYTES_H
