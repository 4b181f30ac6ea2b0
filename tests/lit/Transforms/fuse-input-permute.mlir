// RUN: oriel-opt %s --fuse-input-permute --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-input-permute --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-input-permute {{.*}}permute, conv2d are one kernel
// CHECK-LABEL: func @stem
// CHECK-SAME: %[[X:.*]]: tensor<1x3x8x8xf32>
// CHECK: oriel.kernel (%[[A:.*]] = %[[X]] : tensor<1x3x8x8xf32>
// CHECK-NEXT: %[[P:.*]] = oriel.permute %[[A]]
// CHECK-NEXT: oriel.conv2d %[[P]]
func.func @stem(%x: tensor<1x3x8x8xf32>) -> tensor<1x2x2x8xf32> {
  %w = oriel.param "proj.weight" : tensor<8x3x4x4xf32>
  %p = oriel.permute %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  %y = oriel.conv2d %p, %w {padding = array<i64: 0, 0>, strides = array<i64: 4, 4>} : (tensor<1x8x8x3xf32>, tensor<8x3x4x4xf32>) -> tensor<1x2x2x8xf32>
  return %y : tensor<1x2x2x8xf32>
}

// -----

// Must not fuse: this is not an image's channels.
// REMARK: fuse-input-permute {{.*}}permute, conv2d are not one kernel
// CHECK-LABEL: func @transposed_image
// CHECK-NOT: oriel.kernel
func.func @transposed_image(%x: tensor<1x8x8x3xf32>) -> tensor<1x2x2x8xf32> {
  %w = oriel.param "proj.weight" : tensor<8x3x4x4xf32>
  %p = oriel.permute %x {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32>
  %y = oriel.conv2d %p, %w {padding = array<i64: 0, 0>, strides = array<i64: 4, 4>} : (tensor<1x8x8x3xf32>, tensor<8x3x4x4xf32>) -> tensor<1x2x2x8xf32>
  return %y : tensor<1x2x2x8xf32>
}
