// RUN: oriel-opt %s --hoist-parameters --split-input-file | FileCheck %s

// Entries are named after the first parameter; where that name is taken, it gets a number.
// CHECK-LABEL: func.func @prepare()
// CHECK: %[[W:.*]] = oriel.param "fc.weight"
// CHECK: oriel.store_prepared %[[W]], "fc.weight" : tensor<8x8xf32>
// CHECK: %[[S:.*]] = oriel.param "scale"
// CHECK: %[[F:.*]] = oriel.scale_filters %[[W]], %[[S]]
// CHECK: oriel.store_prepared %[[F]], "fc.weight.1" : tensor<8x8xf32>
// CHECK: return
// CHECK-LABEL: func.func @main
// CHECK-NOT: oriel.param
// CHECK-DAG: %[[P:.*]] = oriel.prepared "fc.weight" : tensor<8x8xf32>
// CHECK-DAG: %[[Q:.*]] = oriel.prepared "fc.weight.1" : tensor<8x8xf32>
// CHECK: %[[Y:.*]] = oriel.kernel ({{.*}} = %[[P]]
// CHECK: oriel.kernel (%{{.*}} = %[[Y]] : tensor<1x8xf32>, %{{.*}} = %[[Q]]
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = oriel.param "fc.weight" : tensor<8x8xf32>
  %s = oriel.param "scale" : tensor<8xf32>
  %v = oriel.scale_filters %w, %s : (tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  %y = oriel.kernel (%a = %x : tensor<1x8xf32>, %f = %w : tensor<8x8xf32>) -> tensor<1x8xf32> {
    %l = oriel.linear %a, %f : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
    oriel.yield %l : tensor<1x8xf32>
  }
  %z = oriel.kernel (%a = %y : tensor<1x8xf32>, %f = %v : tensor<8x8xf32>) -> tensor<1x8xf32> {
    %l = oriel.linear %a, %f : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
    oriel.yield %l : tensor<1x8xf32>
  }
  return %z : tensor<1x8xf32>
}

// -----

// An attention's table: the sum is one entry, what is added is none.
// CHECK-LABEL: func.func @prepare()
// CHECK-COUNT-1: oriel.store_prepared %{{.*}}, "attn.table" : tensor<4x2x4x4xf32>
// CHECK-NOT: oriel.store_prepared
// CHECK-LABEL: func.func @main
// CHECK: oriel.prepared "attn.table" : tensor<4x2x4x4xf32>
// CHECK-NOT: oriel.prepared
func.func @main(%x: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %t = oriel.param "attn.table" : tensor<9x2xf32>
  %b = oriel.relative_position_bias %t {window = array<i64: 2, 2>} : (tensor<9x2xf32>) -> tensor<2x4x4xf32>
  %m = oriel.shift_mask {by_class, map = array<i64: 4, 6>, shift = array<i64: 1, 1>, window = array<i64: 2, 2>} : () -> tensor<4x1x4x4xf32>
  %s = oriel.add %m, %b : (tensor<4x1x4x4xf32>, tensor<2x4x4xf32>) -> tensor<4x2x4x4xf32>
  %y = oriel.kernel (%p = %x : tensor<1x6x2x4x4xf32>, %q = %s : tensor<4x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
    %r = oriel.add_window_bias %p, %q {windows = array<i64: 2, 3>} : (tensor<1x6x2x4x4xf32>, tensor<4x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
    oriel.yield %r : tensor<1x6x2x4x4xf32>
  }
  return %y : tensor<1x6x2x4x4xf32>
}

// -----

// Must not hoist: the sum depends on the input. Nothing else depends on parameters, so there is no @prepare.
// CHECK-NOT: @prepare
// CHECK-LABEL: func.func @main
// CHECK-NEXT: oriel.add
func.func @main(%x: tensor<1x8xf32>, %y: tensor<8xf32>) -> tensor<1x8xf32> {
  %z = oriel.add %x, %y : (tensor<1x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  return %z : tensor<1x8xf32>
}
