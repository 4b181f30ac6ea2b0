#ifndef ORIEL_WINDOW_OPS_TD
#define ORIEL_WINDOW_OPS_TD

include "compiler/Dialect/Graph/GraphBase.td"

def Oriel_RollOp : Oriel_Op<"roll", [RowPermutation]> {
  let summary = "a cyclic shift of a feature map";
  let description = [{
    [B, H, W, C]: `r[b, y, x, c] = input[b, (y - shift[0]) mod H, (x - shift[1]) mod W, c]`, as torch.roll.

    Example:
    ```mlir
    %y = oriel.roll %x {shift = array<i64: -3, -3>} : (tensor<1x56x56x96xf32>) -> tensor<1x56x56x96xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, DenseI64ArrayAttr:$shift);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Oriel_WindowPartitionOp : Oriel_Op<"window_partition", [RowPermutation]> {
  let summary = "cuts a feature map into windows";
  let description = [{
    [B, H, W, C] to [B, (H/wh)*(W/ww), wh*ww, C]; windows and the tokens of a window in row-major order:

    `r[b, gy*(W/ww) + gx, ty*ww + tx, c] = input[b, gy*wh + ty, gx*ww + tx, c]`

    Example:
    ```mlir
    %y = oriel.window_partition %x {window = array<i64: 7, 7>} : (tensor<1x56x56x96xf32>) -> tensor<1x64x49x96xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, DenseI64ArrayAttr:$window);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Oriel_WindowReverseOp : Oriel_Op<"window_reverse", [RowPermutation]> {
  let summary = "puts windows back into a feature map";
  let description = [{
    The inverse of `oriel.window_partition` for a map [H, W].

    Example:
    ```mlir
    %y = oriel.window_reverse %x {window = array<i64: 7, 7>, map = array<i64: 56, 56>} : (tensor<1x64x49x96xf32>) -> tensor<1x56x56x96xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$map);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Oriel_UnfoldPatchesOp : Oriel_Op<"unfold_patches", [RowPermutation]> {
  let summary = "groups pixels by their position in a patch";
  let description = [{
    [B, H, W, C] to [B, ph*pw, (H/ph)*(W/pw), C]: group (py, px) holds that pixel of every patch:

    `r[b, py*pw + px, ny*(W/pw) + nx, c] = input[b, ny*ph + py, nx*pw + px, c]`

    Source: Mehta and Rastegari, MobileViT (2022), section 3.1.

    Example:
    ```mlir
    %y = oriel.unfold_patches %x {patch = array<i64: 2, 2>} : (tensor<1x32x32x64xf32>) -> tensor<1x4x256x64xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, DenseI64ArrayAttr:$patch);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Oriel_FoldPatchesOp : Oriel_Op<"fold_patches", [RowPermutation]> {
  let summary = "puts grouped pixels back into a feature map";
  let description = [{
    The inverse of `oriel.unfold_patches` for a map [H, W].

    Example:
    ```mlir
    %y = oriel.fold_patches %x {patch = array<i64: 2, 2>, map = array<i64: 32, 32>} : (tensor<1x4x256x64xf32>) -> tensor<1x32x32x64xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input, DenseI64ArrayAttr:$patch, DenseI64ArrayAttr:$map);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Oriel_PatchMergeOp : Oriel_Op<"patch_merge"> {
  let summary = "joins the channels of each 2x2 patch";
  let description = [{
    [B, H, W, C] to [B, H/2, W/2, 4C], in the order of the Swin code (column by column):

    `r[b, y, x, k*C + c] = input[b, 2y + k mod 2, 2x + k/2, c]` for k in 0..3.

    Source: Liu et al., Swin Transformer (2021), section 3.1; microsoft/Swin-Transformer:models/swin_transformer.py (PatchMerging).

    Example:
    ```mlir
    %y = oriel.patch_merge %x : (tensor<1x56x56x96xf32>) -> tensor<1x28x28x384xf32>
    ```
  }];
  let arguments = (ins Oriel_Tensor:$input);
  let results = (outs Oriel_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

#endif // ORIEL_WINDOW_OPS_TD
