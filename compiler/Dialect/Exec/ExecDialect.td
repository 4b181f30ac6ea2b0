#ifndef ORIEL_EXEC_DIALECT_TD
#define ORIEL_EXEC_DIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def Exec_Dialect : Dialect {
  let name = "exec";
  let cppNamespace = "::oriel::exec";
  let summary = "buffers, kernels and launches: the order of execution";
  let description = [{
    The phase "exec" of the compiler.

        oriel.kernel regions        phase "fused"
          |   GraphToExec
          v
        exec.kernel, exec.program   phase "exec"
          |   share-kernels, plan-arena
          +--> one object per exec.kernel (compiler/Kernels)
          |   ExecToLLVM
          v
        llvm                        phase "llvm"

    A program is a list of launches on buffers. A buffer is the caller's memory, an entry of the parameter block or
    a range of the arena; its type says how a tensor lies in it. Batch is a run-time number: shapes carry the batch
    that the model was compiled for in dimension 0, but no kernel and no offset depends on it. At the exit every
    `exec.arena` has an offset, and kernels that compute the same on equal buffers are one.
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerTypes();
  }];
}

def Exec_BufferType : TypeDef<Exec_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "how a tensor lies in memory";
  let description = [{
    `!exec.buffer<tensor<4x64x64x24xf32>, arena, pitch = 32, halo = [1, 1]>`

    | part    | meaning                                                                             |
    |---------|-------------------------------------------------------------------------------------|
    | tensor  | the logical value; an encoding `#oriel.panels` says how a parameter is packed        |
    | space   | `external`: the caller's memory, dense, of f32 or ui8; `arena`; `parameter`: the parameter block |
    | pitch   | stored elements of a row of the arena; absent where it equals the logical extent     |
    | halo    | zeroed rows and columns around dimensions 1 and 2 of a feature map; absent where 0   |
    | stored  | `f16`: what memory holds of the tensor's float32, in arena and parameter block; absent where it holds the tensor's own element |

    Kernels load elements of f16 as f32, compute in that, and round what they store to the nearest, ties to even.
  }];
  let parameters = (ins "::mlir::RankedTensorType":$tensor, "::oriel::exec::Space":$space, "int64_t":$pitch,
                        "int64_t":$haloY, "int64_t":$haloX, "::oriel::ElementType":$element);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The layout that kernels are compiled for.
    BufferLayout getLayout() const;
  }];
}

#endif // ORIEL_EXEC_DIALECT_TD
