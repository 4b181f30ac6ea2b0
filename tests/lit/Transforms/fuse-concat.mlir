// RUN: oriel-opt %s --fuse-concat --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-concat --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-concat {{.*}}concat, conv2d are one kernel
// CHECK-LABEL: func @concat
// CHECK-SAME: %[[A:.*]]: tensor<1x8x8x4xf32>, %[[B:.*]]: tensor<1x8x8x6xf32>
// CHECK: oriel.kernel (%[[P:.*]] = %[[A]] : tensor<1x8x8x4xf32>, %[[Q:.*]] = %[[B]] : tensor<1x8x8x6xf32>, %{{.*}} = %{{.*}} : tensor<8x10x3x3xf32>)
// CHECK-NEXT: %[[C:.*]] = oriel.concat %[[P]], %[[Q]]
// CHECK-NEXT: oriel.conv2d %[[C]]
func.func @concat(%a: tensor<1x8x8x4xf32>, %b: tensor<1x8x8x6xf32>) -> tensor<1x8x8x8xf32> {
  %w = oriel.param "conv.weight" : tensor<8x10x3x3xf32>
  %c = oriel.concat %a, %b : (tensor<1x8x8x4xf32>, tensor<1x8x8x6xf32>) -> tensor<1x8x8x10xf32>
  %y = oriel.conv2d %c, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x10xf32>, tensor<8x10x3x3xf32>) -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}

// -----

// Must not fuse: in a depthwise convolution each channel is by itself.
// REMARK: fuse-concat {{.*}}concat, conv2d are not one kernel: 'concat' cannot be computed while 'conv2d' reads
// CHECK-LABEL: func @depthwise
// CHECK-NOT: oriel.kernel
func.func @depthwise(%a: tensor<1x8x8x4xf32>, %b: tensor<1x8x8x6xf32>) -> tensor<1x8x8x10xf32> {
  %w = oriel.param "conv.weight" : tensor<10x1x3x3xf32>
  %c = oriel.concat %a, %b : (tensor<1x8x8x4xf32>, tensor<1x8x8x6xf32>) -> tensor<1x8x8x10xf32>
  %y = oriel.conv2d %c, %w {groups = 10 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x10xf32>, tensor<10x1x3x3xf32>) -> tensor<1x8x8x10xf32>
  return %y : tensor<1x8x8x10xf32>
}

// -----

// Must not fuse: two convolutions read the concatenation.
// REMARK: fuse-concat {{.*}}concat has several readers
// CHECK-LABEL: func @several_readers
// CHECK-NOT: oriel.kernel
func.func @several_readers(%a: tensor<1x8x8x4xf32>, %b: tensor<1x8x8x6xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) {
  %v = oriel.param "v" : tensor<8x10x3x3xf32>
  %w = oriel.param "w" : tensor<8x10x3x3xf32>
  %c = oriel.concat %a, %b : (tensor<1x8x8x4xf32>, tensor<1x8x8x6xf32>) -> tensor<1x8x8x10xf32>
  %y = oriel.conv2d %c, %v {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x10xf32>, tensor<8x10x3x3xf32>) -> tensor<1x8x8x8xf32>
  %z = oriel.conv2d %c, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x10xf32>, tensor<8x10x3x3xf32>) -> tensor<1x8x8x8xf32>
  return %y, %z : tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>
}
