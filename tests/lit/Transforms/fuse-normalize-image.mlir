// RUN: oriel-opt %s --fuse-normalize-image --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-normalize-image --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-normalize-image {{.*}}normalize_image, conv2d are one kernel
// CHECK-LABEL: func @stem
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x3xui8>
// CHECK: oriel.kernel (%[[A:.*]] = %[[X]] : tensor<1x8x8x3xui8>
// CHECK-NEXT: %[[N:.*]] = oriel.normalize_image %[[A]]
// CHECK-NEXT: oriel.conv2d %[[N]]
func.func @stem(%x: tensor<1x8x8x3xui8>) -> tensor<1x4x4x8xf32> {
  %w = oriel.param "stem.weight" : tensor<8x3x3x3xf32>
  %n = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32>
  %y = oriel.conv2d %n, %w {padding = array<i64: 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x8x3xf32>, tensor<8x3x3x3xf32>) -> tensor<1x4x4x8xf32>
  return %y : tensor<1x4x4x8xf32>
}

// -----

// A 1x1 convolution, too.
// CHECK-LABEL: func @pointwise
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.normalize_image
// CHECK-NEXT: oriel.conv2d
func.func @pointwise(%x: tensor<1x8x8x3xui8>) -> tensor<1x8x8x8xf32> {
  %w = oriel.param "stem.weight" : tensor<8x3x1x1xf32>
  %n = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32>
  %y = oriel.conv2d %n, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<8x3x1x1xf32>) -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}

// -----

// Must not fuse: each lane of a depthwise convolution reads a channel of its own.
// REMARK: fuse-normalize-image {{.*}}normalize_image, conv2d are not one kernel
// CHECK-LABEL: func @depthwise
// CHECK-NOT: oriel.kernel
func.func @depthwise(%x: tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32> {
  %w = oriel.param "stem.weight" : tensor<3x1x3x3xf32>
  %n = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32>
  %y = oriel.conv2d %n, %w {groups = 3 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<3x1x3x3xf32>) -> tensor<1x8x8x3xf32>
  return %y : tensor<1x8x8x3xf32>
}

// -----

// Must not fuse: two convolutions read the normalised image.
// REMARK: fuse-normalize-image {{.*}}normalize_image has several readers
// CHECK-LABEL: func @two_readers
// CHECK-NOT: oriel.kernel
func.func @two_readers(%x: tensor<1x8x8x3xui8>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) {
  %w = oriel.param "stem.weight" : tensor<8x3x1x1xf32>
  %n = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32>
  %y = oriel.conv2d %n, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<8x3x1x1xf32>) -> tensor<1x8x8x8xf32>
  %z = oriel.conv2d %n, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<8x3x1x1xf32>) -> tensor<1x8x8x8xf32>
  return %y, %z : tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>
}
