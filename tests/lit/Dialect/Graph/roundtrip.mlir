// RUN: oriel-opt %s | FileCheck %s
// RUN: oriel-opt %s | oriel-opt | FileCheck %s
// RUN: oriel-opt %s --mlir-print-op-generic | oriel-opt | FileCheck %s
//
// The text form of every op, read and printed as it stands.

// CHECK-LABEL: func.func @parameters
func.func @parameters() {
  // CHECK: oriel.param "a.b" : tensor<16xf32>
  %v = oriel.param "a.b" : tensor<16xf32>
  %f = oriel.param "f" : tensor<16x1x3x3xf32>
  %t = oriel.param "t" : tensor<9x2xf32>
  // CHECK: oriel.batch_norm_scale %{{.*}}, %{{.*}} {epsilon = 1.000000e-05 : f64} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  %s = oriel.batch_norm_scale %v, %v {epsilon = 1.0e-05 : f64} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  // CHECK: oriel.batch_norm_offset %{{.*}}, %{{.*}}, %{{[^,]*}} : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  %o = oriel.batch_norm_offset %v, %v, %s : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  // CHECK: oriel.batch_norm_offset %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  %p = oriel.batch_norm_offset %v, %v, %s, %v : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  // CHECK: oriel.scale_filters %{{.*}}, %{{.*}} : (tensor<16x1x3x3xf32>, tensor<16xf32>) -> tensor<16x1x3x3xf32>
  %g = oriel.scale_filters %f, %s : (tensor<16x1x3x3xf32>, tensor<16xf32>) -> tensor<16x1x3x3xf32>
  %k = oriel.param "k" : tensor<16x4x3x3xf32>
  // CHECK: oriel.winograd_filter %{{.*}} : (tensor<16x4x3x3xf32>) -> tensor<16x4x4x4xf32>
  %u = oriel.winograd_filter %k : (tensor<16x4x3x3xf32>) -> tensor<16x4x4x4xf32>
  // CHECK: oriel.relative_position_bias %{{.*}} {window = array<i64: 2, 2>} : (tensor<9x2xf32>) -> tensor<2x4x4xf32>
  %b = oriel.relative_position_bias %t {window = array<i64: 2, 2>} : (tensor<9x2xf32>) -> tensor<2x4x4xf32>
  // CHECK: oriel.shift_mask {map = array<i64: 4, 6>, shift = array<i64: 1, 0>, window = array<i64: 2, 2>} : () -> tensor<6x1x4x4xf32>
  %m = oriel.shift_mask {map = array<i64: 4, 6>, window = array<i64: 2, 2>, shift = array<i64: 1, 0>} : () -> tensor<6x1x4x4xf32>
  // CHECK: oriel.shift_mask {by_class, map = array<i64: 4, 6>, shift = array<i64: 1, 0>, window = array<i64: 2, 2>} : () -> tensor<4x1x4x4xf32>
  %c = oriel.shift_mask {by_class, map = array<i64: 4, 6>, window = array<i64: 2, 2>, shift = array<i64: 1, 0>} : () -> tensor<4x1x4x4xf32>
  // CHECK: oriel.pack %{{.*}} : (tensor<16xf32>) -> tensor<16xf32, #oriel.panels>
  %q = oriel.pack %o : (tensor<16xf32>) -> tensor<16xf32, #oriel.panels>
  // CHECK: oriel.pack %{{.*}} {depthwise} : (tensor<16x1x3x3xf32>) -> tensor<16x1x3x3xf32, #oriel.panels<depthwise>>
  %d = oriel.pack %g {depthwise} : (tensor<16x1x3x3xf32>) -> tensor<16x1x3x3xf32, #oriel.panels<depthwise>>
  // CHECK: oriel.store_prepared %{{.*}}, "f.packed" : tensor<16x1x3x3xf32, #oriel.panels<depthwise>>
  oriel.store_prepared %d, "f.packed" : tensor<16x1x3x3xf32, #oriel.panels<depthwise>>
  // CHECK: oriel.prepared "f.packed" : tensor<16x1x3x3xf32, #oriel.panels<depthwise>>
  %e = oriel.prepared "f.packed" : tensor<16x1x3x3xf32, #oriel.panels<depthwise>>
  return
}

// CHECK-LABEL: func.func @feature_maps
func.func @feature_maps(%image: tensor<1x3x8x8xf32>, %pixels: tensor<2x8x8x3xui8>, %f: tensor<16x3x3x3xf32>, %d: tensor<16x1x3x3xf32>, %v: tensor<16xf32>) {
  // CHECK: oriel.permute %{{.*}} {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  %x = oriel.permute %image {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  // CHECK: oriel.conv2d %{{.*}}, %{{[^,]*}} {padding = array<i64: 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x8x3xf32>, tensor<16x3x3x3xf32>) -> tensor<1x4x4x16xf32>
  %c = oriel.conv2d %x, %f {strides = array<i64: 2, 2>, padding = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<16x3x3x3xf32>) -> tensor<1x4x4x16xf32>
  // CHECK: oriel.conv2d %{{.*}}, %{{.*}}, %{{.*}} {groups = 16 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x4x16xf32>, tensor<16x1x3x3xf32>, tensor<16xf32>) -> tensor<1x4x4x16xf32>
  %e = oriel.conv2d %c, %d, %v {strides = array<i64: 1, 1>, padding = array<i64: 1, 1>, groups = 16 : i64} : (tensor<1x4x4x16xf32>, tensor<16x1x3x3xf32>, tensor<16xf32>) -> tensor<1x4x4x16xf32>
  // CHECK: oriel.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 1.000000e-05 : f64} : (tensor<1x4x4x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x4x4x16xf32>
  %b = oriel.batch_norm %e, %v, %v, %v, %v {epsilon = 1.0e-05 : f64} : (tensor<1x4x4x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x4x4x16xf32>
  // CHECK: oriel.normalize_image %{{.*}} {mean = array<f64: 5.000000e-01, 4.000000e-01, 3.000000e-01>, std = array<f64: 2.500000e-01, 5.000000e-01, 1.000000e+00>} : (tensor<2x8x8x3xui8>) -> tensor<2x8x8x3xf32>
  %n = oriel.normalize_image %pixels {mean = array<f64: 0.5, 0.4, 0.3>, std = array<f64: 0.25, 0.5, 1.0>} : (tensor<2x8x8x3xui8>) -> tensor<2x8x8x3xf32>
  // CHECK: oriel.concat %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>) -> tensor<1x4x4x48xf32>
  %j = oriel.concat %c, %e, %b : (tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>) -> tensor<1x4x4x48xf32>
  // CHECK: oriel.global_avg_pool %{{.*}} : (tensor<1x4x4x48xf32>) -> tensor<1x48xf32>
  %p = oriel.global_avg_pool %j : (tensor<1x4x4x48xf32>) -> tensor<1x48xf32>
  %map = oriel.param "map" : tensor<1x8x8x4xf32>
  %u = oriel.param "u" : tensor<16x4x4x4xf32>
  // CHECK: oriel.winograd_conv2d %{{[^,]*}}, %{{[^,]*}} {padding = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<16x4x4x4xf32>) -> tensor<1x8x8x16xf32>
  %w0 = oriel.winograd_conv2d %map, %u {padding = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<16x4x4x4xf32>) -> tensor<1x8x8x16xf32>
  // CHECK: oriel.winograd_conv2d %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}} {padding = array<i64: 0, 0>} : (tensor<1x8x8x4xf32>, tensor<16x4x4x4xf32>, tensor<16xf32>) -> tensor<1x6x6x16xf32>
  %w1 = oriel.winograd_conv2d %map, %u, %v {padding = array<i64: 0, 0>} : (tensor<1x8x8x4xf32>, tensor<16x4x4x4xf32>, tensor<16xf32>) -> tensor<1x6x6x16xf32>
  return
}

// CHECK-LABEL: func.func @rows
func.func @rows(%x: tensor<2x8xf32>, %w: tensor<4x8xf32>, %v: tensor<8xf32>, %b: tensor<4xf32>) {
  // CHECK: oriel.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 1.000000e-05 : f64} : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %n = oriel.layer_norm %x, %v, %v {epsilon = 1.0e-05 : f64} : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  // CHECK: oriel.linear %{{.*}}, %{{[^,]*}} : (tensor<2x8xf32>, tensor<4x8xf32>) -> tensor<2x4xf32>
  %y = oriel.linear %n, %w : (tensor<2x8xf32>, tensor<4x8xf32>) -> tensor<2x4xf32>
  // CHECK: oriel.linear %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x8xf32>, tensor<4x8xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %z = oriel.linear %n, %w, %b : (tensor<2x8xf32>, tensor<4x8xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK: oriel.silu %{{.*}} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = oriel.silu %y : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: oriel.gelu %{{.*}} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %g = oriel.gelu %z : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: oriel.scale %{{.*}} {factor = 1.250000e-01 : f64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %c = oriel.scale %g {factor = 0.125 : f64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: oriel.add %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %a = oriel.add %c, %b : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// CHECK-LABEL: func.func @windows
func.func @windows(%x: tensor<1x4x6x8xf32>) {
  // CHECK: oriel.roll %{{.*}} {shift = array<i64: -1, -1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %r = oriel.roll %x {shift = array<i64: -1, -1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  // CHECK: oriel.window_partition %{{.*}} {window = array<i64: 2, 2>} : (tensor<1x4x6x8xf32>) -> tensor<1x6x4x8xf32>
  %w = oriel.window_partition %r {window = array<i64: 2, 2>} : (tensor<1x4x6x8xf32>) -> tensor<1x6x4x8xf32>
  // CHECK: oriel.window_reverse %{{.*}} {map = array<i64: 4, 6>, window = array<i64: 2, 2>} : (tensor<1x6x4x8xf32>) -> tensor<1x4x6x8xf32>
  %v = oriel.window_reverse %w {window = array<i64: 2, 2>, map = array<i64: 4, 6>} : (tensor<1x6x4x8xf32>) -> tensor<1x4x6x8xf32>
  // CHECK: oriel.unfold_patches %{{.*}} {patch = array<i64: 2, 2>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %u = oriel.unfold_patches %v {patch = array<i64: 2, 2>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  // CHECK: oriel.fold_patches %{{.*}} {map = array<i64: 4, 6>, patch = array<i64: 2, 2>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %f = oriel.fold_patches %u {patch = array<i64: 2, 2>, map = array<i64: 4, 6>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  // CHECK: oriel.patch_merge %{{.*}} : (tensor<1x4x6x8xf32>) -> tensor<1x2x3x32xf32>
  %m = oriel.patch_merge %f : (tensor<1x4x6x8xf32>) -> tensor<1x2x3x32xf32>
  return
}

// CHECK-LABEL: func.func @attention
func.func @attention(%x: tensor<1x4x9x24xf32>, %t: tensor<4x2x9x9xf32>) {
  // CHECK: oriel.split_heads %{{.*}} {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x4x9x24xf32>) -> tensor<1x4x2x9x4xf32>
  %k = oriel.split_heads %x {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x4x9x24xf32>) -> tensor<1x4x2x9x4xf32>
  // CHECK: oriel.matmul %{{.*}}, %{{.*}} {transpose_rhs} : (tensor<1x4x2x9x4xf32>, tensor<1x4x2x9x4xf32>) -> tensor<1x4x2x9x9xf32>
  %s = oriel.matmul %k, %k {transpose_rhs} : (tensor<1x4x2x9x4xf32>, tensor<1x4x2x9x4xf32>) -> tensor<1x4x2x9x9xf32>
  // CHECK: oriel.add_window_bias %{{.*}}, %{{.*}} {windows = array<i64: 2, 2>} : (tensor<1x4x2x9x9xf32>, tensor<4x2x9x9xf32>) -> tensor<1x4x2x9x9xf32>
  %b = oriel.add_window_bias %s, %t {windows = array<i64: 2, 2>} : (tensor<1x4x2x9x9xf32>, tensor<4x2x9x9xf32>) -> tensor<1x4x2x9x9xf32>
  // CHECK: oriel.softmax %{{.*}} : (tensor<1x4x2x9x9xf32>) -> tensor<1x4x2x9x9xf32>
  %p = oriel.softmax %b : (tensor<1x4x2x9x9xf32>) -> tensor<1x4x2x9x9xf32>
  // CHECK: oriel.matmul %{{.*}}, %{{[^ ]*}} : (tensor<1x4x2x9x9xf32>, tensor<1x4x2x9x4xf32>) -> tensor<1x4x2x9x4xf32>
  %o = oriel.matmul %p, %k : (tensor<1x4x2x9x9xf32>, tensor<1x4x2x9x4xf32>) -> tensor<1x4x2x9x4xf32>
  // CHECK: oriel.merge_heads %{{.*}} : (tensor<1x4x2x9x4xf32>) -> tensor<1x4x9x8xf32>
  %m = oriel.merge_heads %o : (tensor<1x4x2x9x4xf32>) -> tensor<1x4x9x8xf32>
  return
}

// CHECK-LABEL: func.func @kernels
// CHECK-SAME:    (%[[X:.*]]: tensor<2x8xf32>, %[[W:.*]]: tensor<4x8xf32, #oriel.panels>)
func.func @kernels(%x: tensor<2x8xf32>, %w: tensor<4x8xf32, #oriel.panels>) -> (tensor<2x8xf32>, tensor<2x4xf32>) {
  // CHECK:      oriel.kernel (%[[A:.*]] = %[[X]] : tensor<2x8xf32>, %[[F:.*]] = %[[W]] : tensor<4x8xf32, #oriel.panels>) -> tensor<2x8xf32>, tensor<2x4xf32> {
  // CHECK-NEXT:   %[[S:.*]] = oriel.silu %[[A]]
  // CHECK-NEXT:   %[[Y:.*]] = oriel.linear %[[S]], %[[F]]
  // CHECK-NEXT:   oriel.yield %[[S]], %[[Y]] : tensor<2x8xf32>, tensor<2x4xf32>
  // CHECK-NEXT: }
  %0:2 = oriel.kernel (%a = %x : tensor<2x8xf32>, %f = %w : tensor<4x8xf32, #oriel.panels>) -> tensor<2x8xf32>, tensor<2x4xf32> {
    %s = oriel.silu %a : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %y = oriel.linear %s, %f : (tensor<2x8xf32>, tensor<4x8xf32, #oriel.panels>) -> tensor<2x4xf32>
    oriel.yield %s, %y : tensor<2x8xf32>, tensor<2x4xf32>
  }
  // CHECK: oriel.kernel () -> tensor<2xf32> attributes {note = "no operands"} {
  %1 = oriel.kernel () -> tensor<2xf32> attributes {note = "no operands"} {
    %p = oriel.param "p" : tensor<2xf32>
    oriel.yield %p : tensor<2xf32>
  }
  return %0#0, %0#1 : tensor<2x8xf32>, tensor<2x4xf32>
}
