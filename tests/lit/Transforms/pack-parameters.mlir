// RUN: oriel-opt %s --pack-parameters --split-input-file | FileCheck %s

// CHECK-LABEL: func @gemm
// CHECK-DAG: %[[W:.*]] = oriel.pack %{{.*}} : (tensor<32x16xf32>) -> tensor<32x16xf32, #oriel.panels>
// CHECK-DAG: %[[G:.*]] = oriel.pack %{{.*}} : (tensor<16xf32>) -> tensor<16xf32, #oriel.panels>
// CHECK: oriel.kernel (%[[A:.*]] = %{{.*}} : tensor<1x16xf32>, %[[H:.*]] = %[[G]] : tensor<16xf32, #oriel.panels>, %[[F:.*]] = %[[W]] : tensor<32x16xf32, #oriel.panels>)
// CHECK-NEXT: %[[N:.*]] = oriel.layer_norm %[[A]], %[[H]], %[[H]]
// CHECK-NEXT: oriel.linear %[[N]], %[[F]] : (tensor<1x16xf32>, tensor<32x16xf32, #oriel.panels>) -> tensor<1x32xf32>
func.func @gemm(%x: tensor<1x16xf32>) -> tensor<1x32xf32> {
  %g = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "fc.weight" : tensor<32x16xf32>
  %y = oriel.kernel (%a = %x : tensor<1x16xf32>, %h = %g : tensor<16xf32>, %f = %w : tensor<32x16xf32>) -> tensor<1x32xf32> {
    %n = oriel.layer_norm %a, %h, %h {epsilon = 1.0e-05 : f64} : (tensor<1x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x16xf32>
    %l = oriel.linear %n, %f : (tensor<1x16xf32>, tensor<32x16xf32>) -> tensor<1x32xf32>
    oriel.yield %l : tensor<1x32xf32>
  }
  return %y : tensor<1x32xf32>
}

// -----

// CHECK-LABEL: func @depthwise
// CHECK: oriel.pack %{{.*}} {depthwise} : (tensor<8x1x3x3xf32>) -> tensor<8x1x3x3xf32, #oriel.panels<depthwise>>
// CHECK: oriel.pack %{{.*}} : (tensor<8xf32>) -> tensor<8xf32, #oriel.panels>
func.func @depthwise(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
  %w = oriel.param "conv.weight" : tensor<8x1x3x3xf32>
  %b = oriel.param "conv.bias" : tensor<8xf32>
  %y = oriel.kernel (%a = %x : tensor<1x4x4x8xf32>, %f = %w : tensor<8x1x3x3xf32>, %o = %b : tensor<8xf32>) -> tensor<1x4x4x8xf32> {
    %c = oriel.conv2d %a, %f, %o {groups = 8 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x4x8xf32>, tensor<8x1x3x3xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>
    oriel.yield %c : tensor<1x4x4x8xf32>
  }
  return %y : tensor<1x4x4x8xf32>
}

// -----

// Must not pack: a filter of the shape of a depthwise one, but dense, is packed as a dense one; what is added is read
// as it is; and a weight that is computed is no parameter.
// CHECK-LABEL: func @others
// CHECK: oriel.pack %{{.*}} : (tensor<8x1x3x3xf32>) -> tensor<8x1x3x3xf32, #oriel.panels>
// CHECK-NOT: oriel.pack
func.func @others(%x: tensor<1x4x4x1xf32>, %v: tensor<4x8xf32>) -> tensor<1x4x4x4xf32> {
  %w = oriel.param "conv.weight" : tensor<8x1x3x3xf32>
  %e = oriel.param "embedding" : tensor<1x4x4x8xf32>
  %y = oriel.kernel (%a = %x : tensor<1x4x4x1xf32>, %f = %w : tensor<8x1x3x3xf32>, %p = %e : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
    %c = oriel.conv2d %a, %f {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x4x1xf32>, tensor<8x1x3x3xf32>) -> tensor<1x4x4x8xf32>
    %s = oriel.add %c, %p : (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
    oriel.yield %s : tensor<1x4x4x8xf32>
  }
  %z = oriel.kernel (%a = %y : tensor<1x4x4x8xf32>, %f = %v : tensor<4x8xf32>) -> tensor<1x4x4x4xf32> {
    %l = oriel.linear %a, %f : (tensor<1x4x4x8xf32>, tensor<4x8xf32>) -> tensor<1x4x4x4xf32>
    oriel.yield %l : tensor<1x4x4x4xf32>
  }
  return %z : tensor<1x4x4x4xf32>
}
