//===- EmitObject.h - From scheduled Funcs to an object -------------------===//
#ifndef ORIEL_COMPILER_KERNELS_EMITOBJECT_H
#define ORIEL_COMPILER_KERNELS_EMITOBJECT_H

#include "compiler/Kernels/KernelCompiler.h"
#include "compiler/Kernels/Prefetches.h"

#include "Halide.h"

namespace oriel {

/// Compiles a pipeline to an object, with its statement and the scratch that it needs. Fails where
/// an allocation's size is not known at compile time. Throws Halide::CompileError.
llvm::Expected<CompiledKernel> emitObject(const std::vector<Halide::Func> &outputs,
                                          const std::vector<Halide::ImageParam> &parameters,
                                          const std::string &name, const KernelTarget &target,
                                          const Prefetches &prefetches = {});

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_EMITOBJECT_H
