// RUN: oriel-opt %s --fuse-layer-norm-gemm --fuse-patch-merging --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-layer-norm-gemm --fuse-patch-merging --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-patch-merging {{.*}}patch_merge, layer_norm+linear are one kernel
// CHECK-LABEL: func @merging
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.patch_merge
// CHECK-NEXT: oriel.layer_norm
// CHECK-NEXT: oriel.linear
// CHECK-NOT: oriel.kernel
func.func @merging(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x4x8xf32> {
  %g = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "reduction.weight" : tensor<8x16xf32>
  %m = oriel.patch_merge %x : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x16xf32>
  %n = oriel.layer_norm %m, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x4x4x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x4x4x16xf32>
  %l = oriel.linear %n, %w : (tensor<1x4x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x4x8xf32>
  return %l : tensor<1x4x4x8xf32>
}

// -----

// CHECK-LABEL: func @without_norm
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.patch_merge
// CHECK-NEXT: oriel.linear
func.func @without_norm(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x4x8xf32> {
  %w = oriel.param "reduction.weight" : tensor<8x16xf32>
  %m = oriel.patch_merge %x : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x16xf32>
  %l = oriel.linear %m, %w : (tensor<1x4x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x4x8xf32>
  return %l : tensor<1x4x4x8xf32>
}

// -----

// Must not fuse: the merged map is needed elsewhere.
// REMARK: fuse-patch-merging {{.*}}patch_merge has several readers
// CHECK-LABEL: func @other_reader
// CHECK-NOT: oriel.kernel
func.func @other_reader(%x: tensor<1x8x8x4xf32>) -> (tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>) {
  %w = oriel.param "reduction.weight" : tensor<8x16xf32>
  %m = oriel.patch_merge %x : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x16xf32>
  %l = oriel.linear %m, %w : (tensor<1x4x4x16xf32>, tensor<8x16xf32>) -> tensor<1x4x4x8xf32>
  return %m, %l : tensor<1x4x4x16xf32>, tensor<1x4x4x8xf32>
}
