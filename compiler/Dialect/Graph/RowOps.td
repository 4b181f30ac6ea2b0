#ifndef ORIEL_ROW_OPS_TD
#define ORIEL_ROW_OPS_TD

include "compiler/Dialect/Graph/GraphBase.td"

class Oriel_UnaryPointwiseOp<string mnemonic> : Oriel_Op<mnemonic, [RowWise, Pointwise]> {
  let arguments = (ins Oriel_Tensor:$input);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Oriel_SiluOp : Oriel_UnaryPointwiseOp<"silu"> {
  let summary = "the sigmoid linear unit";
  let description = [{
    `r = x / (1 + exp(-x))`.

    Example:
    ```mlir
    %y = oriel.silu %x : (tensor<1x128x128x16xf32>) -> tensor<1x128x128x16xf32>
    ```
  }];
}

def Oriel_GeluOp : Oriel_UnaryPointwiseOp<"gelu"> {
  let summary = "the Gaussian error linear unit, exact form";
  let description = [{
    `r = x/2 * (1 + erf(x / sqrt(2)))`.

    Example:
    ```mlir
    %y = oriel.gelu %x : (tensor<1x56x56x384xf32>) -> tensor<1x56x56x384xf32>
    ```
  }];
}

def Oriel_ScaleOp : Oriel_Op<"scale", [RowWise, Pointwise]> {
  let summary = "multiplies by a constant";
  let description = [{
    `r = x * factor`.

    Example:
    ```mlir
    %y = oriel.scale %x {factor = 0.17677669529663687 : f64} : (tensor<1x64x3x49x32xf32>) -> tensor<1x64x3x49x32xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, F64Attr:$factor);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Oriel_AddOp : Oriel_Op<"add", [Pointwise]> {
  let summary = "adds, with broadcasting";
  let description = [{
    Shapes are aligned at the last dimension; a dimension that is absent or 1 is repeated (NumPy's rule).

    Example:
    ```mlir
    %y = oriel.add %scores, %bias : (tensor<1x64x3x49x49xf32>, tensor<3x49x49xf32>) -> tensor<1x64x3x49x49xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$lhs, Oriel_Tensor:$rhs);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def Oriel_LayerNormOp : Oriel_Op<"layer_norm", [RowWise]> {
  let summary = "normalises each row";
  let description = [{
    With m and v the mean and the (biased) variance of a row of K values:

    `r[..., c] = (x[..., c] - m) / sqrt(v + epsilon) * gamma[c] + beta[c]`

    Example:
    ```mlir
    %y = oriel.layer_norm %x, %gamma, %beta {epsilon = 1.0e-05 : f64} : (tensor<1x56x56x96xf32>, tensor<96xf32>, tensor<96xf32>) -> tensor<1x56x56x96xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, Oriel_Tensor:$gamma, Oriel_Tensor:$beta, F64Attr:$epsilon);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input `,` $gamma `,` $beta attr-dict `:` functional-type(operands, results)";
}

def Oriel_LinearOp : Oriel_Op<"linear", [RowWise, DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "a fully connected layer on each row";
  let description = [{
    Input [..., K], weight [N, K], bias [N]: `r[..., n] = bias[n] + sum_k x[..., k] * weight[n, k]`.

    Example:
    ```mlir
    %y = oriel.linear %x, %w, %b : (tensor<1x64x49x96xf32>, tensor<288x96xf32>, tensor<288xf32>) -> tensor<1x64x49x288xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, Oriel_Tensor:$weight, Optional<Oriel_Tensor>:$bias);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

#endif // ORIEL_ROW_OPS_TD
