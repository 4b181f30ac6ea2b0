// RUN: oriel-opt %s --fuse-attention --split-input-file --mlir-print-debuginfo | FileCheck %s
// RUN: oriel-opt %s --fuse-attention --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: loc("blocks.1.attn"): [Passed] fuse-attention {{.*}}Layers=blocks.1.attn{{.*}}roll, window_partition, {{.*}}, roll are one kernel
// REMARK: loc("blocks.1.attn"): {{.*}}fuse-attention {{.*}}6144 bytes of window movement became index maps
// CHECK-LABEL: func @shifted_windows
// CHECK-SAME: %[[QKV:.*]]: tensor<1x4x6x24xf32>
// CHECK-NEXT: %[[T:.*]] = oriel.param "table"
// CHECK-NEXT: %[[Y:.*]] = oriel.kernel (%[[A:.*]] = %[[QKV]] : tensor<1x4x6x24xf32>, %[[B:.*]] = %[[T]] : tensor<4x2x4x4xf32>) -> tensor<1x4x6x8xf32> {
// CHECK-NEXT: oriel.roll %[[A]]
// CHECK-NEXT: oriel.window_partition
// CHECK-COUNT-3: oriel.split_heads
// CHECK-NEXT: oriel.scale
// CHECK-NEXT: oriel.matmul
// CHECK-NEXT: oriel.add_window_bias %{{.*}}, %[[B]]
// CHECK-NEXT: oriel.softmax
// CHECK-NEXT: oriel.matmul
// CHECK-NEXT: oriel.merge_heads
// CHECK-NEXT: oriel.window_reverse
// CHECK-NEXT: %[[R:.*]] = oriel.roll
// CHECK-NEXT: oriel.yield %[[R]]
// CHECK-NEXT: } loc(#[[LOC:.*]])
// CHECK-NEXT: return %[[Y]]
// CHECK: #[[LOC]] = loc("blocks.1.attn")
func.func @shifted_windows(%qkv: tensor<1x4x6x24xf32>) -> tensor<1x4x6x8xf32> {
  %t = oriel.param "table" : tensor<4x2x4x4xf32>
  %r = oriel.roll %qkv {shift = array<i64: -1, -1>} : (tensor<1x4x6x24xf32>) -> tensor<1x4x6x24xf32>
  %p = oriel.window_partition %r {window = array<i64: 2, 2>} : (tensor<1x4x6x24xf32>) -> tensor<1x6x4x24xf32>
  %q = oriel.split_heads %p {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %k = oriel.split_heads %p {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %v = oriel.split_heads %p {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %c = oriel.scale %q {factor = 5.0e-01 : f64} : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %s = oriel.matmul %c, %k {transpose_rhs} : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> loc("blocks.1.attn")
  %b = oriel.add_window_bias %s, %t {windows = array<i64: 2, 3>} : (tensor<1x6x2x4x4xf32>, tensor<4x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %e = oriel.softmax %b : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %o = oriel.matmul %e, %v : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> loc("blocks.1.attn")
  %m = oriel.merge_heads %o : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x4x8xf32>
  %w = oriel.window_reverse %m {map = array<i64: 4, 6>, window = array<i64: 2, 2>} : (tensor<1x6x4x8xf32>) -> tensor<1x4x6x8xf32>
  %y = oriel.roll %w {shift = array<i64: 1, 1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  return %y : tensor<1x4x6x8xf32>
}

// -----

// Must not fuse: the probabilities are needed elsewhere.
// REMARK: loc("attn"): {{.*}}fuse-attention {{.*}}an intermediate result has other readers
// CHECK-LABEL: func @probabilities_returned
// CHECK-NOT: oriel.kernel
func.func @probabilities_returned(%qkv: tensor<1x6x4x24xf32>) -> (tensor<1x6x4x8xf32>, tensor<1x6x2x4x4xf32>) {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %e = oriel.softmax %s : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %o = oriel.matmul %e, %v : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %m = oriel.merge_heads %o : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x4x8xf32> loc("attn")
  return %m, %e : tensor<1x6x4x8xf32>, tensor<1x6x2x4x4xf32>
}

// -----

// Must not take in the reverse: tokens in windows are needed, too.
// CHECK-LABEL: func @windows_returned
// CHECK: oriel.merge_heads
// CHECK-NEXT: oriel.yield
// CHECK: oriel.window_reverse
func.func @windows_returned(%qkv: tensor<1x6x4x24xf32>) -> (tensor<1x6x4x8xf32>, tensor<1x4x6x8xf32>) {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %e = oriel.softmax %s : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %o = oriel.matmul %e, %v : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %m = oriel.merge_heads %o : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x4x8xf32>
  %w = oriel.window_reverse %m {map = array<i64: 4, 6>, window = array<i64: 2, 2>} : (tensor<1x6x4x8xf32>) -> tensor<1x4x6x8xf32>
  return %m, %w : tensor<1x6x4x8xf32>, tensor<1x4x6x8xf32>
}

// -----

// Must not fuse: nothing is weighed by a softmax.
// REMARK: [Missed] fuse-attention {{.*}}merge_heads ends no attention: no softmax stands before it
// CHECK-LABEL: func @no_softmax
// CHECK-NOT: oriel.kernel
func.func @no_softmax(%qkv: tensor<1x6x4x24xf32>) -> tensor<1x6x4x8xf32> {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x6x4x24xf32>) -> tensor<1x6x2x4x4xf32>
  %m = oriel.merge_heads %q : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x4x8xf32>
  return %m : tensor<1x6x4x8xf32>
}

// -----

// Must not fuse: the heads stay apart.
// REMARK: [Missed] fuse-attention {{.*}}softmax of scores is no part of an attention: no merge_heads follows
// CHECK-LABEL: func @no_merge
// CHECK-NOT: oriel.kernel
func.func @no_merge(%q: tensor<1x6x2x4x4xf32>, %k: tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32> {
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x6x2x4x4xf32>, tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  %e = oriel.softmax %s : (tensor<1x6x2x4x4xf32>) -> tensor<1x6x2x4x4xf32>
  return %e : tensor<1x6x2x4x4xf32>
}
