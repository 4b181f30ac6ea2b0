#ifndef ORIEL_TRANSFORMS_PASSES_TD
#define ORIEL_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

// Order constraints between passes stand in Passes.cpp, which lists them in the order in which they run.

//===----------------------------------------------------------------------===//
// Rewrites of the graph
//===----------------------------------------------------------------------===//

def TakePixelsPass : Pass<"take-pixels", "::mlir::ModuleOp"> {
  let summary = "let the model take an image's bytes and normalise them itself";
  let description = [{
    The first argument of `@main`, the image [B, 3, H, W] as the module's preprocessing makes it, becomes the pixels
    [B, H, W, 3] that preprocessing normalises, and the normalisation an op of the graph. Runs where `--input=u8` asks
    for it, on the graph. An error where the module has no preprocessing or its size is not the argument's. A module
    that takes pixels already stays as it is.

    ```mlir
    func.func @main(%image: tensor<1x3x64x64xf32>) {
      %x = oriel.permute %image {permutation = array<i64: 0, 2, 3, 1>}
    ```
    becomes
    ```mlir
    func.func @main(%pixels: tensor<1x64x64x3xui8>) {
      %x = oriel.normalize_image %pixels {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>}
    ```
    What reads the image otherwise than by that permutation gets the image by the opposite one.
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
}

def FoldBatchNormPass : Pass<"fold-batch-norm", "::mlir::func::FuncOp"> {
  let summary = "fold batch norms into the convolutions and linear layers before them";
  let description = [{
    The result of a convolution is scaled and shifted by channel, so its filter and bias can be instead. Needs a
    convolution whose result nobody else reads, and parameters everywhere.

    ```mlir
    %y = oriel.conv2d %x, %w
    %z = oriel.batch_norm %y, %gamma, %beta, %mean, %variance
    ```
    becomes
    ```mlir
    %s = oriel.batch_norm_scale %gamma, %variance
    %f = oriel.scale_filters %w, %s
    %o = oriel.batch_norm_offset %beta, %mean, %s
    %z = oriel.conv2d %x, %f, %o
    ```
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
}

def UseWinogradPass : Pass<"use-winograd", "::mlir::func::FuncOp"> {
  let summary = "compute 3x3 convolutions by Winograd's tiles";
  let description = [{
    A dense 3x3 convolution with strides of 1 is computed by tiles of 2x2 results, with 16 products for 36, where
    channels are enough (32) to make up for the sums around the products and tiles fit the map.

    ```mlir
    %y = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: 1, 1>}
    ```
    becomes
    ```mlir
    %u = oriel.winograd_filter %w
    %y = oriel.winograd_conv2d %x, %u {padding = array<i64: 1, 1>}
    ```
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
}

def MergeAttentionTablesPass : Pass<"merge-attention-tables", "::mlir::func::FuncOp"> {
  let summary = "make one table of what is added to attention scores";
  let description = [{
    Relative-position bias and shift mask are parameters; their sum is one too. The mask is kept by the class of a
    window (4 tables), not by window.

    ```mlir
    %m = oriel.shift_mask {map = array<i64: 56, 56>, window = array<i64: 7, 7>, shift = array<i64: 3, 3>}
    %t = oriel.add %scores, %bias
    %r = oriel.add %t, %m
    ```
    becomes
    ```mlir
    %m = oriel.shift_mask {by_class, map = array<i64: 56, 56>, window = array<i64: 7, 7>, shift = array<i64: 3, 3>}
    %t = oriel.add %m, %bias
    %r = oriel.add_window_bias %scores, %t {windows = array<i64: 8, 8>}
    ```
    A bias without mask stays an `oriel.add`, with the scores first; several become one.
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
}

def SinkRowPermutationsPass : Pass<"sink-row-permutations", "::mlir::func::FuncOp"> {
  let summary = "move window movement next to attention";
  let description = [{
    Ops that work on each row by itself commute with permutations of the rows. What brings rows into windows or patch
    groups (`window_partition`, `unfold_patches`, a `roll` before them) moves down, what brings them back
    (`window_reverse`, `fold_patches`, a `roll` after them) moves up. They meet an attention, which reads and writes
    through them for free, or their inverse, and vanish. Everything else computes in image order.

    ```mlir
    %w = oriel.window_partition %x
    %qkv = oriel.linear %w, %weight
    %q = oriel.split_heads %qkv
    ```
    becomes
    ```mlir
    %qkv = oriel.linear %x, %weight
    %w = oriel.window_partition %qkv
    %q = oriel.split_heads %w
    ```
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
}

//===----------------------------------------------------------------------===//
// Fusion: ops into kernels
//===----------------------------------------------------------------------===//

/// Of a fusion that the cost model decides on.
defvar Oriel_AlwaysOption = Option<"always", "always", "bool", "false", "fuse what can be one kernel, slower or not">;

class Oriel_FusionPass<string flag> : Pass<flag, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::oriel::OrielDialect"];
}

def FormKernelsPass : Oriel_FusionPass<"form-kernels"> {
  let summary = "put every op that is not in a kernel into one of its own";
  let description = [{
    The last of the fusions: afterwards only parameters and their arithmetic stand outside of kernels. Chains of
    pointwise ops become one kernel.

    ```mlir
    %s = oriel.silu %x
    %y = oriel.add %s, %z
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%a = %x, %b = %z) {
      %s = oriel.silu %a
      %t = oriel.add %s, %b
      oriel.yield %t
    }
    ```
  }];
}

def FuseAttentionPass : Oriel_FusionPass<"fuse-attention"> {
  let summary = "make attention and the window movement around it one kernel";
  let description = [{
    From the split into heads to their merge, with scale, bias, mask and softmax: `softmax(scale q k^T + b) v`. Roll,
    partition and unfold before the split, reverse, fold and roll after the merge become the kernel's index maps.

    ```mlir
    %w = oriel.window_partition %qkv
    %q = oriel.split_heads %w {part = 0}
    %k = oriel.split_heads %w {part = 1}
    %v = oriel.split_heads %w {part = 2}
    %s = oriel.matmul %q, %k {transpose_rhs}
    %p = oriel.softmax %s
    %o = oriel.matmul %p, %v
    %m = oriel.merge_heads %o
    %y = oriel.window_reverse %m
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%a = %qkv) { the same ops }
    ```
  }];
}

def FuseConcatPass : Oriel_FusionPass<"fuse-concat"> {
  let summary = "let a convolution read its channels from several tensors";
  let description = [{
    ```mlir
    %c = oriel.concat %a, %b
    %y = oriel.conv2d %c, %w
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %a, %q = %b, %f = %w) {
      %c = oriel.concat %p, %q
      %r = oriel.conv2d %c, %f
      oriel.yield %r
    }
    ```
  }];
}

def FuseConvSiluPass : Oriel_FusionPass<"fuse-conv-silu"> {
  let summary = "compute activation and residual addition on a convolution's result before it is stored";
  let description = [{
    ```mlir
    %c = oriel.conv2d %x, %w, %b
    %y = oriel.silu %c
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %f = %w, %o = %b) {
      %c = oriel.conv2d %p, %f, %o
      %s = oriel.silu %c
      oriel.yield %s
    }
    ```
  }];
}

def FuseGemmEpiloguePass : Oriel_FusionPass<"fuse-gemm-epilogue"> {
  let summary = "compute activation and residual addition on a linear layer's result before it is stored";
  let description = [{
    ```mlir
    %l = oriel.linear %x, %w, %b
    %y = oriel.add %residual, %l
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %f = %w, %o = %b, %r = %residual) {
      %l = oriel.linear %p, %f, %o
      %s = oriel.add %r, %l
      oriel.yield %s
    }
    ```
  }];
}

def FuseInputPermutePass : Oriel_FusionPass<"fuse-input-permute"> {
  let summary = "let the first convolution read the image as the caller has it";
  let description = [{
    ```mlir
    %p = oriel.permute %image {permutation = array<i64: 0, 2, 3, 1>}
    %y = oriel.conv2d %p, %w
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%i = %image, %f = %w) {
      %p = oriel.permute %i
      %c = oriel.conv2d %p, %f
      oriel.yield %c
    }
    ```
  }];
}

def FuseNormalizeImagePass : Oriel_FusionPass<"fuse-normalize-image"> {
  let summary = "normalise pixels as the first convolution reads them";
  let description = [{
    No normalised image is stored: the kernel reads the caller's bytes.

    ```mlir
    %n = oriel.normalize_image %pixels {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>}
    %y = oriel.conv2d %n, %w
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %pixels, %f = %w) {
      %n = oriel.normalize_image %p
      %c = oriel.conv2d %n, %f
      oriel.yield %c
    }
    ```
  }];
}

def FuseLayerNormGemmPass : Oriel_FusionPass<"fuse-layer-norm-gemm"> {
  let summary = "normalise rows as a linear layer or a 1x1 convolution reads them";
  let description = [{
    A layer norm with several readers is computed once and stored, as a kernel of its own.

    ```mlir
    %n = oriel.layer_norm %x, %gamma, %beta
    %y = oriel.linear %n, %w, %b
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %g = %gamma, %h = %beta, %f = %w, %o = %b) {
      %n = oriel.layer_norm %p, %g, %h
      %l = oriel.linear %n, %f, %o
      oriel.yield %l
    }
    ```
  }];
}

def FuseLayerNormPoolPass : Oriel_FusionPass<"fuse-layer-norm-pool"> {
  let summary = "normalise rows as the global average reads them";
  let description = [{
    ```mlir
    %n = oriel.layer_norm %x, %gamma, %beta
    %y = oriel.global_avg_pool %n
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %g = %gamma, %h = %beta) {
      %n = oriel.layer_norm %p, %g, %h
      %m = oriel.global_avg_pool %n
      oriel.yield %m
    }
    ```
  }];
}

def FuseInvertedResidualPass : Oriel_FusionPass<"fuse-inverted-residual"> {
  let summary = "keep the wide activations of MobileNetV2's block in the cache";
  let options = [Oriel_AlwaysOption];
  let description = [{
    A 1x1 convolution, a depthwise convolution and a 1x1 convolution, with activations between them, become one kernel
    that goes through the map line by line. Runs after fuse-conv-silu and fuse-gemm-epilogue, and not for devices. Only
    where the cost model expects a gain: where the expanded activation would leave the cache and the lines that the
    filter reads do not. A remark says what it weighed.

    ```mlir
    %e = oriel.kernel (%p = %x, %f = %w) {
      %c = oriel.conv2d %p, %f {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>}
      %s = oriel.silu %c
      oriel.yield %s
    }
    %d = oriel.kernel (%p = %e, %f = %u) {
      %c = oriel.conv2d %p, %f {groups = 256 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>}
      %s = oriel.silu %c
      oriel.yield %s
    }
    %y = oriel.conv2d %d, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>}
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %f = %w, %g = %u, %h = %v) {
      %c = oriel.conv2d %p, %f {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>}
      %s = oriel.silu %c
      %d = oriel.conv2d %s, %g {groups = 256 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>}
      %t = oriel.silu %d
      %z = oriel.conv2d %t, %h {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>}
      oriel.yield %z
    }
    ```
  }];
}

def FuseMlpPass : Oriel_FusionPass<"fuse-mlp"> {
  let summary = "keep the activation between two linear layers in the cache";
  let options = [Oriel_AlwaysOption];
  let description = [{
    Runs after fuse-conv-silu and fuse-gemm-epilogue. Only where the cost model expects a gain: a task reads both
    weights whole, which pays where rows are many. A remark says what it weighed.

    ```mlir
    %h = oriel.kernel (%p = %x, %f = %w, %o = %b) {
      %l = oriel.linear %p, %f, %o
      %g = oriel.gelu %l
      oriel.yield %g
    }
    %y = oriel.kernel (%p = %h, %f = %v, %o = %c, %r = %x) {
      %l = oriel.linear %p, %f, %o
      %s = oriel.add %r, %l
      oriel.yield %s
    }
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %f = %w, %o = %b, %q = %v, %u = %c) {
      %l = oriel.linear %p, %f, %o
      %g = oriel.gelu %l
      %m = oriel.linear %g, %q, %u
      %s = oriel.add %p, %m
      oriel.yield %s
    }
    ```
  }];
}

def FuseAttentionProjectionPass : Oriel_FusionPass<"fuse-attention-projection"> {
  let summary = "keep what attention computes in the cache for the linear layer behind it";
  let options = [Oriel_AlwaysOption];
  let description = [{
    The linear layer acts row by row, so a task multiplies the rows of its window and only then stores them to their
    pixels. Runs after fuse-attention and fuse-gemm-epilogue, and not for devices. Only where the cost model expects a
    gain: each window reads the weight. A remark says what it weighed.

    ```mlir
    %a = oriel.kernel (%p = %qkv, %t = %table) {
      %w = oriel.window_partition %p {window = array<i64: 7, 7>}
      ...
      %m = oriel.merge_heads %o
      %j = oriel.window_reverse %m {map = array<i64: 56, 56>, window = array<i64: 7, 7>}
      oriel.yield %j
    }
    %y = oriel.kernel (%p = %a, %f = %w, %r = %x) {
      %l = oriel.linear %p, %f
      %s = oriel.add %r, %l
      oriel.yield %s
    }
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %qkv, %t = %table, %f = %w, %r = %x) {
      %w = oriel.window_partition %p {window = array<i64: 7, 7>}
      ...
      %m = oriel.merge_heads %o
      %j = oriel.window_reverse %m {map = array<i64: 56, 56>, window = array<i64: 7, 7>}
      %l = oriel.linear %j, %f
      %s = oriel.add %r, %l
      oriel.yield %s
    }
    ```
  }];
}

def FusePatchMergingPass : Oriel_FusionPass<"fuse-patch-merging"> {
  let summary = "gather a patch's pixels as the reduction after it reads them";
  let description = [{
    Runs after fuse-layer-norm-gemm: `patch_merge` joins the kernel of the layer norm and linear layer behind it.

    ```mlir
    %m = oriel.patch_merge %x
    %y = oriel.linear %m, %w
    ```
    becomes
    ```mlir
    %y = oriel.kernel (%p = %x, %f = %w) {
      %m = oriel.patch_merge %p
      %l = oriel.linear %m, %f
      oriel.yield %l
    }
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

def HoistParametersPass : Pass<"hoist-parameters", "::mlir::ModuleOp"> {
  let summary = "move what depends on parameters alone into @prepare";
  let description = [{
    `@prepare` is run when the model is compiled. Entries are named after the first parameter they are computed from,
    with a number where that is taken.

    ```mlir
    func.func @main(%x) {
      %w = oriel.param "fc.weight"
      %p = oriel.pack %w
      %y = oriel.kernel (%a = %x, %f = %p) { ... }
    ```
    becomes
    ```mlir
    func.func @prepare() {
      %w = oriel.param "fc.weight"
      %p = oriel.pack %w
      oriel.store_prepared %p, "fc.weight"
    }
    func.func @main(%x) {
      %p = oriel.prepared "fc.weight"
      %y = oriel.kernel (%a = %x, %f = %p) { ... }
    ```
  }];
  let dependentDialects = ["::oriel::OrielDialect", "::mlir::func::FuncDialect"];
}

def PackParametersPass : Pass<"pack-parameters", "::mlir::func::FuncOp"> {
  let summary = "give kernels their parameters in the order in which they read them";
  let description = [{
    Weights, filters, biases and the vectors of norms are packed in panels where every use in the kernel reads them so.
    Other parameters (attention tables, added tensors) stay as they are.

    ```mlir
    %y = oriel.kernel (%a = %x, %f = %w : tensor<384x96xf32>) {
      %l = oriel.linear %a, %f
    ```
    becomes
    ```mlir
    %p = oriel.pack %w : (tensor<384x96xf32>) -> tensor<384x96xf32, #oriel.panels>
    %y = oriel.kernel (%a = %x, %f = %p : tensor<384x96xf32, #oriel.panels>) {
      %l = oriel.linear %a, %f
    ```
  }];
  let dependentDialects = ["::oriel::OrielDialect"];
}

#endif // ORIEL_TRANSFORMS_PASSES_TD
