#ifndef ORIEL_CONVERSION_PASSES_TD
#define ORIEL_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def GraphToExecPass : Pass<"graph-to-exec", "::mlir::ModuleOp"> {
  let summary = "kernels become launches on buffers";
  let description = [{
    Each `oriel.kernel` of `@main` becomes an `exec.kernel` and a launch of it; each value a buffer: function arguments
    and results lie in the caller's memory, `oriel.prepared` values in the parameter block, all others in the
    arena, with channels padded to whole panels. A result that is an argument, or was a result before, is copied to memory
    of its own. `@prepare` stays as it is.

    With `precision` f16 arena and parameter block hold float16 (`stored = f16` in their buffers' types); kernels compute in
    float32, and the caller's memory stays as it is.

    Example:
    ```mlir
    func.func @main(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
      %y = oriel.kernel (%a = %x : tensor<1x16xf32>) -> tensor<1x16xf32> {
        %s = oriel.silu %a : (tensor<1x16xf32>) -> tensor<1x16xf32>
        oriel.yield %s : tensor<1x16xf32>
      }
      return %y : tensor<1x16xf32>
    }
    ```
    becomes
    ```mlir
    exec.kernel @elementwise_0 inputs [...] outputs [...] { ... }
    exec.program @main batch = 1 arena = 0 + 0 * per_item {
      %x = exec.input 0 : !exec.buffer<tensor<1x16xf32>, external>
      %y = exec.output 0 : !exec.buffer<tensor<1x16xf32>, external>
      exec.launch @elementwise_0(%x : ...) -> (%y : ...) {...}
    }
    ```
  }];
  let options = [Option<"precision", "precision", "::oriel::ElementType", "::oriel::ElementType::F32",
                        "what arena and parameter block hold",
                        [{::llvm::cl::values(
                          clEnumValN(::oriel::ElementType::F32, "f32", "float32"),
                          clEnumValN(::oriel::ElementType::F16, "f16", "float16"))}]>];
  let dependentDialects = ["::oriel::exec::ExecDialect"];
}

def ShareKernelsPass : Pass<"share-kernels", "::mlir::ModuleOp"> {
  let summary = "equal kernels become one";
  let description = [{
    Kernels that compute the same on buffers of the same layout are merged; which layer they come from does not
    matter. Kernels are then numbered by family in order of first launch.

    Example, two blocks of a Swin stage:
    ```mlir
    exec.launch @gemm_4(%x, %w : ...) -> (%y : ...) {...}
    exec.launch @gemm_9(%y, %v : ...) -> (%z : ...) {...}
    ```
    becomes
    ```mlir
    exec.launch @gemm_4(%x, %w : ...) -> (%y : ...) {...}
    exec.launch @gemm_4(%y, %v : ...) -> (%z : ...) {...}
    ```
  }];
}

def PlanArenaPass : Pass<"plan-arena", "::mlir::ModuleOp"> {
  let summary = "buffers of the arena get offsets by their lifetimes";
  let description = [{
    A buffer lives from the launch that writes it to the last that reads it; buffers that live at the same time do not
    overlap. Offsets are multiples of the batch, so one plan serves every batch.

    Example:
    ```mlir
    %b = exec.arena : !exec.buffer<tensor<1x32x32x16xf32>, arena>
    ```
    becomes
    ```mlir
    %b = exec.arena offset = 65536 : !exec.buffer<tensor<1x32x32x16xf32>, arena>
    ```
  }];
}

def ExecToLLVMPass : Pass<"exec-to-llvm", "::mlir::ModuleOp"> {
  let summary = "the program becomes functions of the llvm dialect";
  let description = [{
    `@oriel_run(call)` (runtime/include/oriel/module_abi.h) computes the address of every buffer and runs the launches
    in order; `@oriel_run_launch(call, launch)` runs one of them. For each kernel `@launch_<kernel>` makes the
    `halide_buffer_t`s that the kernel's object takes. Kernels and `@prepare` are gone: their objects and the parameter block are made
    from the exec phase.

    With `targets` there are such functions for each of them, and their names and those of the kernels that they call end
    with the target: `@oriel_run.x86_64_v3` runs `@gemm_0.x86_64_v3`.

    Example:
    ```mlir
    exec.launch @gemm_0(%x, %w : ...) -> (%y : ...) {...}
    ```
    becomes
    ```mlir
    %status = llvm.call @launch_gemm_0(%worker, %batch, %x, %w, %y) : (!llvm.ptr, i32, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
    ```
  }];
  let options = [ListOption<"targets", "targets", "std::string", "the targets of the module's variants">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // ORIEL_CONVERSION_PASSES_TD
