#ifndef ORIEL_PARAMETER_OPS_TD
#define ORIEL_PARAMETER_OPS_TD

include "compiler/Dialect/Graph/GraphBase.td"

def Oriel_ParamOp : Op<Oriel_Dialect, "param", [Pure]> {
  let summary = "a tensor of the weights file";
  let description = [{
    Names a tensor of the safetensors file the model is compiled with. The IR never holds its values.

    Example:
    ```mlir
    %w = oriel.param "stem.conv.weight" : tensor<16x3x3x3xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def Oriel_BatchNormScaleOp : Oriel_Op<"batch_norm_scale", [ParameterArithmetic]> {
  let summary = "the factor of a folded batch norm";
  let description = [{
    `s[c] = gamma[c] / sqrt(variance[c] + epsilon)`.

    Example:
    ```mlir
    %s = oriel.batch_norm_scale %gamma, %variance {epsilon = 1.0e-05 : f64} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$gamma, Oriel_Tensor:$variance, F64Attr:$epsilon);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$gamma `,` $variance attr-dict `:` functional-type(operands, results)";
}

def Oriel_BatchNormOffsetOp : Oriel_Op<"batch_norm_offset", [ParameterArithmetic]> {
  let summary = "the bias of a convolution with a folded batch norm";
  let description = [{
    `o[c] = beta[c] + (bias[c] - mean[c]) * s[c]`, bias = 0 where absent.

    Example:
    ```mlir
    %o = oriel.batch_norm_offset %beta, %mean, %s : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$beta, Oriel_Tensor:$mean, Oriel_Tensor:$scale, Optional<Oriel_Tensor>:$bias);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$beta `,` $mean `,` $scale (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def Oriel_ScaleFiltersOp : Oriel_Op<"scale_filters", [ParameterArithmetic]> {
  let summary = "a filter with each output channel scaled";
  let description = [{
    `r[o, ...] = filter[o, ...] * scale[o]`.

    Example:
    ```mlir
    %r = oriel.scale_filters %w, %s : (tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<16x3x3x3xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$filter, Oriel_Tensor:$scale);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$filter `,` $scale attr-dict `:` functional-type(operands, results)";
}

def Oriel_WinogradFilterOp : Oriel_Op<"winograd_filter", [ParameterArithmetic]> {
  let summary = "a 3x3 filter as `winograd_conv2d` reads it";
  let description = [{
    `r[o, i] = G filter[o, i] G^T`, [O, I, 3, 3] to [O, I, 4, 4], with

    ```
    G = [  1    0    0 ]
        [ 1/2  1/2  1/2]
        [ 1/2 -1/2  1/2]
        [  0    0    1 ]
    ```

    Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.1, F(2x2, 3x3).

    Example:
    ```mlir
    %u = oriel.winograd_filter %w : (tensor<96x96x3x3xf32>) -> tensor<96x96x4x4xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$filter);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$filter attr-dict `:` functional-type(operands, results)";
}

def Oriel_RelativePositionBiasOp : Oriel_Op<"relative_position_bias", [ParameterArithmetic]> {
  let summary = "the bias of a window's attention scores from its table of relative positions";
  let description = [{
    With tokens i = (yi, xi), j = (yj, xj) of a window [wh, ww] in row-major order:

    `r[h, i, j] = table[(yi - yj + wh - 1) * (2 ww - 1) + (xi - xj + ww - 1), h]`

    Source: Liu et al., Swin Transformer (2021), section 3.2, equation 4.

    Example:
    ```mlir
    %b = oriel.relative_position_bias %table {window = array<i64: 7, 7>} : (tensor<169x3xf32>) -> tensor<3x49x49xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$table, DenseI64ArrayAttr:$window);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$table attr-dict `:` functional-type(operands, results)";
}

def Oriel_ShiftMaskOp : Oriel_Op<"shift_mask", [ParameterArithmetic]> {
  let summary = "keeps tokens that a cyclic shift brought together from attending to each other";
  let description = [{
    A map [H, W], rolled by -shift and cut into windows, holds in its last windows tokens of up to four regions.
    `r[g, 0, i, j] = 0` where tokens i and j of window g come from one region, else -100.

    With `by_class` only four windows are given: interior, last column, last row, both; the class of window (y, x) is
    `2 * (y is the last row) + (x is the last column)`. A window that is not of the last row holds one region
    in y, and so with columns, hence all windows of a class have equal masks.

    Source: Liu et al., Swin Transformer (2021), section 3.2, figure 4.

    Example:
    ```mlir
    %m = oriel.shift_mask {map = array<i64: 56, 56>, window = array<i64: 7, 7>, shift = array<i64: 3, 3>} : () -> tensor<64x1x49x49xf32>
    ```
  }];
  let arguments = (ins DenseI64ArrayAttr:$map, DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$shift, UnitAttr:$by_class);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "attr-dict `:` functional-type(operands, results)";
}

def Oriel_PackOp : Oriel_Op<"pack", [ParameterArithmetic]> {
  let summary = "stores a parameter as kernels read it";
  let description = [{
    The identity on values; the result's storage is what `#oriel.panels` says. `depthwise` marks the filter [C, 1, kh, kw]
    of a depthwise convolution.

    Example:
    ```mlir
    %p = oriel.pack %w : (tensor<384x96xf32>) -> tensor<384x96xf32, #oriel.panels>
    %q = oriel.pack %f {depthwise} : (tensor<64x1x3x3xf32>) -> tensor<64x1x3x3xf32, #oriel.panels<depthwise>>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, UnitAttr:$depthwise);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Oriel_StorePreparedOp : Op<Oriel_Dialect, "store_prepared", []> {
  let summary = "puts a parameter into the module's parameter block";
  let description = [{
    Stands in `@prepare`, which is run when the model is compiled: the value becomes an entry of the parameter
    block of the compiled module, under a name that `oriel.prepared` refers to.

    Example:
    ```mlir
    oriel.store_prepared %packed, "stem.conv.weight" : tensor<16x3x3x3xf32, #oriel.panels>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$value, StrAttr:$name);
  let assemblyFormat = "$value `,` $name attr-dict `:` type($value)";
}

def Oriel_PreparedOp : Op<Oriel_Dialect, "prepared", [Pure]> {
  let summary = "an entry of the module's parameter block";
  let description = [{
    What `@prepare` stored under this name.

    Example:
    ```mlir
    %w = oriel.prepared "stem.conv.weight" : tensor<16x3x3x3xf32, #oriel.panels>
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

#endif // ORIEL_PARAMETER_OPS_TD
