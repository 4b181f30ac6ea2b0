#ifndef ORIEL_ATTENTION_OPS_TD
#define ORIEL_ATTENTION_OPS_TD

include "compiler/Dialect/Graph/GraphBase.td"

def Oriel_SplitHeadsOp : Oriel_Op<"split_heads"> {
  let summary = "one of query, key and value, by heads";
  let description = [{
    [B, G, T, parts*heads*d] to [B, G, heads, T, d]: `r[b, g, h, t, c] = input[b, g, t, (part*heads + h)*d + c]`.

    Example:
    ```mlir
    %k = oriel.split_heads %qkv {heads = 3 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x64x49x288xf32>) -> tensor<1x64x3x49x32xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, I64Attr:$heads, I64Attr:$part, I64Attr:$parts);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Oriel_MergeHeadsOp : Oriel_Op<"merge_heads"> {
  let summary = "joins the heads of each token";
  let description = [{
    [B, G, heads, T, d] to [B, G, T, heads*d]: `r[b, g, t, h*d + c] = input[b, g, h, t, c]`.

    Example:
    ```mlir
    %y = oriel.merge_heads %x : (tensor<1x64x3x49x32xf32>) -> tensor<1x64x49x96xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Oriel_MatmulOp : Oriel_Op<"matmul", [DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "a matrix product for each of many pairs of matrices";
  let description = [{
    lhs [..., M, K], rhs [..., K, N] (with `transpose_rhs` [..., N, K]), equal leading dimensions:

    `r[..., m, n] = sum_k lhs[..., m, k] * rhs[..., k, n]`

    Example:
    ```mlir
    %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x64x3x49x32xf32>, tensor<1x64x3x49x32xf32>) -> tensor<1x64x3x49x49xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$lhs, Oriel_Tensor:$rhs, UnitAttr:$transpose_rhs);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def Oriel_SoftmaxOp : Oriel_Op<"softmax", [RowWise]> {
  let summary = "softmax of each row";
  let description = [{
    `r[..., j] = exp(x[..., j] - m) / sum_j exp(x[..., j] - m)`, m the row's maximum.

    Example:
    ```mlir
    %p = oriel.softmax %s : (tensor<1x64x3x49x49xf32>) -> tensor<1x64x3x49x49xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Oriel_AddWindowBiasOp : Oriel_Op<"add_window_bias", [Pointwise]> {
  let summary = "adds to attention scores the table of the window's class";
  let description = [{
    Scores [B, G, heads, T, T] of G = windows[0] * windows[1] windows, table [K, heads or 1, T, T], K = 1 or 4:

    `r[b, g, h, i, j] = scores[b, g, h, i, j] + table[k(g), h, i, j]`

    with k(g) = 0 where K = 1, else the class of window g = (y, x): `2 * (y == windows[0]-1) + (x == windows[1]-1)`.
    What relative-position bias and shift mask become once they are one table (see `oriel.shift_mask`).

    Example:
    ```mlir
    %r = oriel.add_window_bias %s, %t {windows = array<i64: 8, 8>} : (tensor<1x64x3x49x49xf32>, tensor<4x3x49x49xf32>) -> tensor<1x64x3x49x49xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$scores, Oriel_Tensor:$table, DenseI64ArrayAttr:$windows);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$scores `,` $table attr-dict `:` functional-type(operands, results)";
}

#endif // ORIEL_ATTENTION_OPS_TD
