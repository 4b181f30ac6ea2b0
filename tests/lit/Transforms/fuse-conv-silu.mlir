// RUN: oriel-opt %s --fuse-conv-silu --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-conv-silu --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-conv-silu {{.*}}conv2d+silu, add are one kernel
// CHECK-LABEL: func @activation_and_residual
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x4xf32>
// CHECK: %[[Y:.*]] = oriel.kernel (%[[A:.*]] = %[[X]] : tensor<1x8x8x4xf32>, %{{.*}} = %{{.*}} : tensor<4x4x3x3xf32>)
// CHECK-NEXT: %[[C:.*]] = oriel.conv2d %[[A]]
// CHECK-NEXT: %[[S:.*]] = oriel.silu %[[C]]
// CHECK-NEXT: %[[R:.*]] = oriel.add %[[A]], %[[S]]
// CHECK-NEXT: oriel.yield %[[R]]
// CHECK: return %[[Y]]
func.func @activation_and_residual(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %w = oriel.param "conv.weight" : tensor<4x4x3x3xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x8x8x4xf32>
  %s = oriel.silu %c : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %y = oriel.add %x, %s : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %y : tensor<1x8x8x4xf32>
}

// -----

// Must not fuse: the result is needed without the activation.
// REMARK: fuse-conv-silu {{.*}}conv2d has several readers, an activation among them
// CHECK-LABEL: func @other_reader
// CHECK-NOT: oriel.kernel
func.func @other_reader(%x: tensor<1x8x8x4xf32>) -> (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) {
  %w = oriel.param "conv.weight" : tensor<4x4x3x3xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x8x8x4xf32>
  %s = oriel.silu %c : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %c, %s : tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>
}

// -----

// Must not fuse: the sum is larger than the convolution's result.
// REMARK: [Missed] fuse-conv-silu {{.*}}conv2d, add are not one kernel: the sum is larger than what is added to it
// CHECK-LABEL: func @broadcast_addition
// CHECK-NOT: oriel.kernel
func.func @broadcast_addition(%x: tensor<1x8x8x4xf32>, %y: tensor<3x8x8x4xf32>) -> tensor<3x8x8x4xf32> {
  %w = oriel.param "conv.weight" : tensor<4x4x3x3xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x8x8x4xf32>
  %s = oriel.add %c, %y : (tensor<1x8x8x4xf32>, tensor<3x8x8x4xf32>) -> tensor<3x8x8x4xf32>
  return %s : tensor<3x8x8x4xf32>
}

// -----

// Must not fuse: the parameter is the same for each item, the convolution's result is not.
// REMARK: [Missed] fuse-conv-silu {{.*}}conv2d, add are not one kernel: 'add' broadcasts an operand
// CHECK-LABEL: func @parameter_of_an_item
// CHECK-NOT: oriel.kernel
func.func @parameter_of_an_item(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %w = oriel.param "conv.weight" : tensor<4x4x3x3xf32>
  %p = oriel.param "position" : tensor<1x8x8x4xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x8x8x4xf32>
  %s = oriel.add %c, %p : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %s : tensor<1x8x8x4xf32>
}
