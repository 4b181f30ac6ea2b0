#ifndef ORIEL_EXEC_OPS_TD
#define ORIEL_EXEC_OPS_TD

include "compiler/Dialect/Exec/ExecDialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Exec_Op<string mnemonic, list<Trait> traits = []> : Op<Exec_Dialect, mnemonic, traits>;

def Exec_KernelOp : Exec_Op<"kernel", [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "what one kernel object computes";
  let description = [{
    The body holds one `oriel.kernel` whose operands are placeholders (`exec.operand`) and the layouts of its operands
    and results. `family` says whose schedule it gets. Launches name the kernel; equal kernels are shared.

    Example:
    ```mlir
    exec.kernel @gemm_0 family "gemm" inputs [!exec.buffer<tensor<1x8x8x16xf32>, arena>, !exec.buffer<tensor<32x16x1x1xf32, #oriel.panels>, parameter>]
                        outputs [!exec.buffer<tensor<1x8x8x32xf32>, arena>] {
      %x = exec.operand 0 : tensor<1x8x8x16xf32>
      %w = exec.operand 1 : tensor<32x16x1x1xf32, #oriel.panels>
      %y = oriel.kernel (%a = %x : tensor<1x8x8x16xf32>, %f = %w : tensor<32x16x1x1xf32, #oriel.panels>) -> tensor<1x8x8x32xf32> {
        ...
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$family, TypeArrayAttr:$inputs, TypeArrayAttr:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `family` $family `inputs` $inputs `outputs` $outputs attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The computation.
    ::oriel::KernelOp getComputation();
    /// Layout types of operands or results.
    ::llvm::SmallVector<BufferType> getInputBuffers();
    ::llvm::SmallVector<BufferType> getOutputBuffers();
    /// Family, layouts and ops as text without names and locations: equal for kernels that compute
    /// the same on buffers of the same layout.
    std::string printStructure();
  }];
}

def Exec_OperandOp : Exec_Op<"operand", [Pure, HasParent<"KernelOp">]> {
  let summary = "an operand of the kernel, as a tensor";
  let description = [{
    Stands in an `exec.kernel` for what a launch gives it; the number counts the kernel's inputs.

    Example:
    ```mlir
    %x = exec.operand 0 : tensor<1x8x8x16xf32>
    ```
  }];
  let arguments = (ins I64Attr:$index);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$index attr-dict `:` type($result)";
}

def Exec_ProgramOp : Exec_Op<"program", [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "the launches of one run, in order";
  let description = [{
    `batch` is what the model was compiled for, `arena_bytes_per_item` the arena's size for each batch item and
    `arena_fixed_bytes` what is needed beside it (kernels may read, never write, past the end of a buffer).

    Example:
    ```mlir
    exec.program @main batch = 1 arena = 4096 + 65536 * batch {
      %x = exec.input 0 : <tensor<1x3x64x64xf32>, external>
      ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$batch, I64Attr:$arena_fixed_bytes, I64Attr:$arena_bytes_per_item);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `batch` `=` $batch `arena` `=` $arena_fixed_bytes `+` $arena_bytes_per_item `*` ` ` `per_item`
    attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    /// What arena and parameter block hold: F16 where any of their buffers stores that, else F32.
    ::oriel::ElementType getPrecision();
  }];
}

class Exec_BufferOp<string mnemonic> : Exec_Op<mnemonic, [Pure, HasParent<"ProgramOp">]> {
  let results = (outs Exec_BufferType:$result);
}

def Exec_InputOp : Exec_BufferOp<"input"> {
  let summary = "an input of the model, in the caller's memory";
  let description = [{
    Example:
    ```mlir
    %x = exec.input 0 : <tensor<1x3x64x64xf32>, external>
    ```
  }];
  let arguments = (ins I64Attr:$index);
  let assemblyFormat = "$index attr-dict `:` type($result)";
}

def Exec_OutputOp : Exec_BufferOp<"output"> {
  let summary = "an output of the model, in the caller's memory";
  let description = [{
    Example:
    ```mlir
    %y = exec.output 0 : <tensor<1x10xf32>, external>
    ```
  }];
  let arguments = (ins I64Attr:$index);
  let assemblyFormat = "$index attr-dict `:` type($result)";
}

def Exec_ParameterOp : Exec_BufferOp<"parameter"> {
  let summary = "an entry of the parameter block";
  let description = [{
    Example:
    ```mlir
    %w = exec.parameter "stem.conv.weight" : <tensor<16x3x3x3xf32, #oriel.panels>, parameter>
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def Exec_ArenaOp : Exec_BufferOp<"arena"> {
  let summary = "a range of the arena";
  let description = [{
    At `offset_per_item * batch` bytes from the arena's start; `plan-arena` sets it from the buffers' lifetimes.

    Example:
    ```mlir
    %b = exec.arena offset = 8192 : <tensor<1x32x32x24xf32>, arena, pitch = 32>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$offset_per_item);
  let assemblyFormat = "(`offset` `=` $offset_per_item^)? attr-dict `:` type($result)";
}

def Exec_LaunchOp : Exec_Op<"launch", [HasParent<"ProgramOp">, AttrSizedOperandSegments,
                                       DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one run of a kernel";
  let description = [{
    The location is the layer of the kernel's anchor. `flops` and `bytes` count one batch item; `bytes` are the
    activations read and written, `parameter_bytes` the parameters read. `layers` are those of all ops that the
    kernel computes, the anchor's first; `stored_layers` says for each output whose result it is.

    Example:
    ```mlir
    exec.launch @gemm_0 (%x, %w : ...) -> (%y : ...) {flops = 65536 : i64, bytes = 12288 : i64, parameter_bytes = 2048 : i64, layers = ["stem.conv", "stem.act"], stored_layers = ["stem.act"]}
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<Exec_BufferType>:$inputs, Variadic<Exec_BufferType>:$outputs,
                       I64Attr:$flops, I64Attr:$bytes, I64Attr:$parameter_bytes, UnitAttr:$moves_only,
                       DefaultValuedAttr<StrArrayAttr, "{}">:$layers, DefaultValuedAttr<StrArrayAttr, "{}">:$stored_layers);
  let assemblyFormat = "$kernel `(` $inputs `:` type($inputs) `)` `->` `(` $outputs `:` type($outputs) `)` attr-dict";
}

#endif // ORIEL_EXEC_OPS_TD
