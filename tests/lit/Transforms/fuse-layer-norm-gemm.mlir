// RUN: oriel-opt %s --fuse-layer-norm-gemm --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-layer-norm-gemm --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-layer-norm-gemm {{.*}}layer_norm, linear are one kernel
// CHECK-LABEL: func @linear
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x16xf32>
// CHECK: oriel.kernel (%[[A:.*]] = %[[X]] : tensor<1x8x8x16xf32>, %[[G:.*]] = %{{.*}} : tensor<16xf32>, %[[W:.*]] = %{{.*}} : tensor<32x16xf32>) -> tensor<1x8x8x32xf32> {
// CHECK-NEXT: %[[N:.*]] = oriel.layer_norm %[[A]], %[[G]], %[[G]]
// CHECK-NEXT: %[[L:.*]] = oriel.linear %[[N]], %[[W]]
// CHECK-NEXT: oriel.yield %[[L]]
func.func @linear(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x32xf32> {
  %g = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "fc.weight" : tensor<32x16xf32>
  %n = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32>
  %l = oriel.linear %n, %w : (tensor<1x8x8x16xf32>, tensor<32x16xf32>) -> tensor<1x8x8x32xf32>
  return %l : tensor<1x8x8x32xf32>
}

// -----

// CHECK-LABEL: func @pointwise_convolution
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.layer_norm
// CHECK-NEXT: oriel.conv2d
func.func @pointwise_convolution(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x32xf32> {
  %g = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "conv.weight" : tensor<32x16x1x1xf32>
  %n = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32>
  %c = oriel.conv2d %n, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x8x16xf32>, tensor<32x16x1x1xf32>) -> tensor<1x8x8x32xf32>
  return %c : tensor<1x8x8x32xf32>
}

// -----

// Must not fuse: a 3x3 convolution reads each normalised row nine times.
// CHECK-LABEL: func @wide_convolution
// CHECK-NOT: oriel.kernel
func.func @wide_convolution(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x32xf32> {
  %g = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "conv.weight" : tensor<32x16x3x3xf32>
  %n = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32>
  %c = oriel.conv2d %n, %w {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x8x8x16xf32>, tensor<32x16x3x3xf32>) -> tensor<1x8x8x32xf32>
  return %c : tensor<1x8x8x32xf32>
}

// -----

// Must not fuse: both layers would normalise the same rows.
// REMARK: fuse-layer-norm-gemm {{.*}}layer_norm has several readers
// CHECK-LABEL: func @several_readers
// CHECK-NOT: oriel.kernel
func.func @several_readers(%x: tensor<1x8x8x16xf32>) -> (tensor<1x8x8x32xf32>, tensor<1x8x8x32xf32>) {
  %g = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "a.weight" : tensor<32x16xf32>
  %v = oriel.param "b.weight" : tensor<32x16xf32>
  %n = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32>
  %a = oriel.linear %n, %w : (tensor<1x8x8x16xf32>, tensor<32x16xf32>) -> tensor<1x8x8x32xf32>
  %b = oriel.linear %n, %v : (tensor<1x8x8x16xf32>, tensor<32x16xf32>) -> tensor<1x8x8x32xf32>
  return %a, %b : tensor<1x8x8x32xf32>, tensor<1x8x8x32xf32>
}
