#ifndef ORIEL_KERNEL_OPS_TD
#define ORIEL_KERNEL_OPS_TD

include "compiler/Dialect/Graph/GraphBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Oriel_KernelOp : Op<Oriel_Dialect, "kernel", [Pure, IsolatedFromAbove, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "ops computed together, as one kernel";
  let description = [{
    The region's ops are computed by one kernel; only what `oriel.yield` names is stored. Values of the region have the
    same meaning as outside of it, so the interpreter runs a fused graph as it is. Block arguments stand for operands.

    Example:
    ```mlir
    %y = oriel.kernel (%a = %x : tensor<1x8x8x16xf32>, %f = %w : tensor<32x16x1x1xf32>) -> tensor<1x8x8x32xf32> {
      %c = oriel.conv2d %a, %f {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>}
         : (tensor<1x8x8x16xf32>, tensor<32x16x1x1xf32>) -> tensor<1x8x8x32xf32>
      %s = oriel.silu %c : (tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32>
      oriel.yield %s : tensor<1x8x8x32xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyTypeOf<[Oriel_Tensor, Oriel_Pixels]>>:$inputs);
  let results = (outs Variadic<Oriel_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::TypeRange":$results, "::mlir::ValueRange":$inputs)>];
  let extraClassDeclaration = [{
    ::mlir::Block *getBodyBlock() { return &getBody().front(); }
    YieldOp getYield();
  }];
}

def Oriel_YieldOp : Op<Oriel_Dialect, "yield", [Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "the values that a kernel stores";
  let description = [{
    The last op of an `oriel.kernel`; its operands are the kernel's results, in order.

    Example:
    ```mlir
    oriel.yield %s : tensor<1x8x8x32xf32>
    ```
  }];
  let arguments = (ins Variadic<Oriel_Tensor>:$values);
  let builders = [OpBuilder<(ins), [{ (void)$_builder; (void)$_state; }]>];
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // ORIEL_KERNEL_OPS_TD
