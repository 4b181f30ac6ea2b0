#ifndef ORIEL_CONVOLUTION_OPS_TD
#define ORIEL_CONVOLUTION_OPS_TD

include "compiler/Dialect/Graph/GraphBase.td"

def Oriel_Conv2DOp : Oriel_Op<"conv2d", [DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "two-dimensional convolution, dense or grouped";
  let description = [{
    Input [B, H, W, I], filter [O, I/groups, kh, kw], bias [O]; zero padding on all four sides.

    `r[b, y, x, o] = bias[o] + sum_{i, dy, dx} input[b, y*sy + dy - py, x*sx + dx - px, g(o) * I/groups + i] * filter[o, i, dy, dx]`

    with `g(o) = o / (O/groups)`. `groups = I = O` is a depthwise convolution.

    Example:
    ```mlir
    %y = oriel.conv2d %x, %w {strides = array<i64: 2, 2>, padding = array<i64: 1, 1>, groups = 1 : i64}
       : (tensor<1x256x256x3xf32>, tensor<16x3x3x3xf32>) -> tensor<1x128x128x16xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, Oriel_Tensor:$filter, Optional<Oriel_Tensor>:$bias,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$padding,
                       DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// Each input channel has its own filter and gives one output channel.
    bool isDepthwise();
    /// 1x1, stride 1, no padding, one group: a matrix product over pixels.
    bool isPointwise();
  }];
}

def Oriel_WinogradConv2DOp : Oriel_Op<"winograd_conv2d", [DeclareOpInterfaceMethods<WorkOpInterface>]> {
  let summary = "a 3x3 convolution of stride 1 by tiles of 2x2 results";
  let description = [{
    What `conv2d` with strides 1 computes, with 16 products where that has 36. The filter [O, I, 4, 4] is that of
    `winograd_filter`. The results of tile (ty, tx), rows 2 ty and 2 ty + 1, columns 2 tx and 2 tx + 1, are

    `r[b, tile, o] = bias[o] + A^T (sum_i filter[o, i] * (B^T d[b, tile, i] B)) A`

    with `*` element by element and d the 4x4 input from (2 ty - py, 2 tx - px) on, 0 outside of the map, and

    ```
    B^T = [ 1  0 -1  0 ]    A^T = [ 1  1  1  0 ]
          [ 0  1  1  0 ]          [ 0  1 -1 -1 ]
          [ 0 -1  1  0 ]
          [ 0  1  0 -1 ]
    ```

    Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.1, F(2x2, 3x3).

    Example:
    ```mlir
    %y = oriel.winograd_conv2d %x, %u {padding = array<i64: 1, 1>} : (tensor<1x32x32x96xf32>, tensor<96x96x4x4xf32>) -> tensor<1x32x32x96xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, Oriel_Tensor:$filter, Optional<Oriel_Tensor>:$bias,
                       DenseI64ArrayAttr:$padding);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def Oriel_BatchNormOp : Oriel_Op<"batch_norm", [RowWise]> {
  let summary = "batch normalisation with the statistics of the training";
  let description = [{
    `r[..., c] = (input[..., c] - mean[c]) / sqrt(variance[c] + epsilon) * gamma[c] + beta[c]`

    Example:
    ```mlir
    %y = oriel.batch_norm %x, %gamma, %beta, %mean, %variance {epsilon = 1.0e-05 : f64}
       : (tensor<1x128x128x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x128x128x16xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, Oriel_Tensor:$gamma, Oriel_Tensor:$beta, Oriel_Tensor:$mean,
                       Oriel_Tensor:$variance, F64Attr:$epsilon);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input `,` $gamma `,` $beta `,` $mean `,` $variance attr-dict `:` functional-type(operands, results)";
}

def Oriel_NormalizeImageOp : Oriel_Op<"normalize_image", [Pointwise]> {
  let summary = "normalised channels of a picture's bytes";
  let description = [{
    Pixels [B, H, W, C] of 8 bits, mean and std of C numbers:

    `r[b, y, x, c] = (pixels[b, y, x, c] / 255 - mean[c]) / std[c]`

    Kernels compute it in float32, with a rounding after each of the three operations, from mean and std rounded to
    float32: the values of torchvision's ToTensor and Normalize to the last bit.

    Example:
    ```mlir
    %x = oriel.normalize_image %pixels {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.25, 0.25, 0.25>}
       : (tensor<1x256x256x3xui8>) -> tensor<1x256x256x3xf32>
    ```
  }];
  let arguments = (ins Oriel_Pixels:$pixels, DenseF64ArrayAttr:$mean, DenseF64ArrayAttr:$std);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$pixels attr-dict `:` functional-type(operands, results)";
}

def Oriel_ConcatOp : Oriel_Op<"concat"> {
  let summary = "concatenates along the channels";
  let description = [{
    Operands of equal shape but for the last dimension, joined along it, in order.

    Example:
    ```mlir
    %y = oriel.concat %a, %b : (tensor<1x32x32x48xf32>, tensor<1x32x32x48xf32>) -> tensor<1x32x32x96xf32>
    ```
  }];
  let arguments = (ins Variadic<Oriel_Tensor>:$inputs);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
}

def Oriel_GlobalAvgPoolOp : Oriel_Op<"global_avg_pool"> {
  let summary = "the mean of a feature map over its positions";
  let description = [{
    [B, H, W, C] to [B, C]: `r[b, c] = sum_{y, x} input[b, y, x, c] / (H * W)`.

    Example:
    ```mlir
    %y = oriel.global_avg_pool %x : (tensor<1x8x8x320xf32>) -> tensor<1x320xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Oriel_PermuteOp : Oriel_Op<"permute"> {
  let summary = "a tensor with its dimensions in another order";
  let description = [{
    Result dimension i is input dimension `permutation[i]`.

    Example:
    ```mlir
    %y = oriel.permute %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x256x256xf32>) -> tensor<1x256x256x3xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

#endif // ORIEL_CONVOLUTION_OPS_TD
