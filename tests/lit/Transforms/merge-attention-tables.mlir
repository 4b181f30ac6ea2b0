// RUN: oriel-opt %s --merge-attention-tables --split-input-file | FileCheck %s
// RUN: oriel-opt %s --merge-attention-tables --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] merge-attention-tables {{.*}}bias and shift mask of the scores are one table
// CHECK-LABEL: func @bias_and_mask
// CHECK-SAME: %[[S:.*]]: tensor<1x6x2x4x4xf32>
// CHECK-DAG: %[[BIAS:.*]] = oriel.relative_position_bias
// CHECK-DAG: %[[MASK:.*]] = oriel.shift_mask {by_class, map = array<i64: 4, 6>, shift = array<i64: 1, 1>, window = array<i64: 2, 2>} : () -> tensor<4x1x4x4xf32>
// CHECK: %[[TABLE:.*]] = oriel.add %[[MASK]], %[[BIAS]] : {{.*}} -> tensor<4x2x4x4xf32>
// CHECK: %[[R:.*]] = oriel.add_window_bias %[[S]], %[[TABLE]] {windows = array<i64: 2, 3>}
// CHECK: return %[[R]]
func.func @bias_and_mask(%s: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %p = oriel.param "table" : tensor<9x2xf32>
  %b = oriel.relative_position_bias %p {window = array<i64: 2, 2>} : (tensor<9x2xf32>) -> tensor<2x4x4xf32>
  %m = oriel.shift_mask {map = array<i64: 4, 6>, shift = array<i64: 1, 1>, window = array<i64: 2, 2>} : () -> tensor<6x1x4x4xf32>
  %t = oriel.add %s, %b : (tensor<1x6x2x4x4xf32>, tensor<2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %r = oriel.add %t, %m : (tensor<1x6x2x4x4xf32>, tensor<6x1x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %r : tensor<1x6x2x4x4xf32>
}

// -----

// CHECK-LABEL: func @mask_alone
// CHECK: %[[MASK:.*]] = oriel.shift_mask {by_class,
// CHECK: oriel.add_window_bias %{{.*}}, %[[MASK]] {windows = array<i64: 2, 3>}
func.func @mask_alone(%s: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %m = oriel.shift_mask {map = array<i64: 4, 6>, shift = array<i64: 1, 1>, window = array<i64: 2, 2>} : () -> tensor<6x1x4x4xf32>
  %r = oriel.add %s, %m : (tensor<1x6x2x4x4xf32>, tensor<6x1x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %r : tensor<1x6x2x4x4xf32>
}

// -----

// CHECK-LABEL: func @two_biases
// CHECK-SAME: %[[S:.*]]: tensor<1x6x2x4x4xf32>
// CHECK: %[[SUM:.*]] = oriel.add %{{.*}}, %{{.*}} : (tensor<2x4x4xf32>, tensor<2x4x4xf32>)
// CHECK: oriel.add %[[S]], %[[SUM]]
// CHECK-NOT: oriel.add
func.func @two_biases(%s: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %a = oriel.param "a" : tensor<2x4x4xf32>
  %b = oriel.param "b" : tensor<2x4x4xf32>
  %t = oriel.add %s, %a : (tensor<1x6x2x4x4xf32>, tensor<2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %r = oriel.add %t, %b : (tensor<1x6x2x4x4xf32>, tensor<2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %r : tensor<1x6x2x4x4xf32>
}

// -----

// CHECK-LABEL: func @bias_first
// CHECK-SAME: %[[S:.*]]: tensor<1x6x2x4x4xf32>
// CHECK: %[[B:.*]] = oriel.param "b"
// CHECK: oriel.add %[[S]], %[[B]]
func.func @bias_first(%s: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %b = oriel.param "b" : tensor<2x4x4xf32>
  %r = oriel.add %b, %s : (tensor<2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %r : tensor<1x6x2x4x4xf32>
}

// -----

// Must not merge: a bias that differs from window to window has no class of windows.
// REMARK: [Missed] merge-attention-tables {{.*}}bias and shift mask stay two tables: the bias differs from window to window
// CHECK-LABEL: func @bias_by_window
// CHECK-NOT: by_class
// CHECK: oriel.add
// CHECK: oriel.add
// CHECK-NOT: add_window_bias
func.func @bias_by_window(%s: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %b = oriel.param "b" : tensor<6x2x4x4xf32>
  %m = oriel.shift_mask {map = array<i64: 4, 6>, shift = array<i64: 1, 1>, window = array<i64: 2, 2>} : () -> tensor<6x1x4x4xf32>
  %t = oriel.add %s, %b : (tensor<1x6x2x4x4xf32>, tensor<6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %r = oriel.add %t, %m : (tensor<1x6x2x4x4xf32>, tensor<6x1x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %r : tensor<1x6x2x4x4xf32>
}

// -----

// Must not merge: the biased scores are needed without the mask, too. The mask is a table by itself.
// CHECK-LABEL: func @other_reader
// CHECK: %[[T:.*]] = oriel.add %{{.*}}, %{{.*}} : (tensor<1x6x2x4x4xf32>, tensor<2x4x4xf32>)
// CHECK: %[[R:.*]] = oriel.add_window_bias %[[T]], %{{.*}} : (tensor<1x6x2x4x4xf32>, tensor<4x1x4x4xf32>)
// CHECK: return %[[T]], %[[R]]
func.func @other_reader(%s: tensor<1x6x2x4x4xf32>) -> (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) {
  %b = oriel.param "b" : tensor<2x4x4xf32>
  %m = oriel.shift_mask {map = array<i64: 4, 6>, shift = array<i64: 1, 1>, window = array<i64: 2, 2>} : () -> tensor<6x1x4x4xf32>
  %t = oriel.add %s, %b : (tensor<1x6x2x4x4xf32>, tensor<2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %r = oriel.add %t, %m : (tensor<1x6x2x4x4xf32>, tensor<6x1x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %t, %r : tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>
}
