// RUN: oriel-opt %s --fuse-attention --fuse-gemm-epilogue --fuse-conv-silu --fuse-mlp --fuse-attention-projection --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-attention --fuse-gemm-epilogue --fuse-conv-silu --fuse-mlp --fuse-attention-projection --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: oriel-opt %s --fuse-attention --fuse-gemm-epilogue --fuse-conv-silu --fuse-mlp --fuse-attention-projection=always --split-input-file | FileCheck %s --check-prefix=ALWAYS

// The residual is gathered by the map of the windows.
// REMARK: [Passed] fuse-attention-projection {{.*}}roll, linear+add are one kernel: 4.8 MB that attention computes stay in the cache
// CHECK-LABEL: func @shifted_windows
// CHECK: oriel.merge_heads
// CHECK-NEXT: oriel.window_reverse
// CHECK-NEXT: oriel.roll
// CHECK-NEXT: oriel.linear
// CHECK-NEXT: oriel.add
// CHECK-NEXT: oriel.yield
// ALWAYS-LABEL: func @shifted_windows
// ALWAYS-SAME: %[[QKV:.*]]: tensor<1x112x112x288xf32>, %[[X:.*]]: tensor<1x112x112x96xf32>
// ALWAYS: %[[Y:.*]] = oriel.kernel (%[[A:.*]] = %[[QKV]] : tensor<1x112x112x288xf32>, {{.*}}, %[[R:.*]] = %[[X]] : tensor<1x112x112x96xf32>{{.*}}) -> tensor<1x112x112x96xf32> {
// ALWAYS-NEXT: oriel.roll %[[A]]
// ALWAYS-NEXT: oriel.window_partition
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.window_reverse
// ALWAYS-NEXT: %[[H:.*]] = oriel.roll
// ALWAYS-NEXT: %[[L:.*]] = oriel.linear %[[H]]
// ALWAYS-NEXT: %[[S:.*]] = oriel.add %[[R]], %[[L]]
// ALWAYS-NEXT: oriel.yield %[[S]]
// ALWAYS: return %[[Y]]
func.func @shifted_windows(%qkv: tensor<1x112x112x288xf32>, %x: tensor<1x112x112x96xf32>) -> tensor<1x112x112x96xf32> {
  %r = oriel.roll %qkv {shift = array<i64: -3, -3>} : (tensor<1x112x112x288xf32>) -> tensor<1x112x112x288xf32>
  %p = oriel.window_partition %r {window = array<i64: 7, 7>} : (tensor<1x112x112x288xf32>) -> tensor<1x256x49x288xf32>
  %q = oriel.split_heads %p {heads = 3 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x256x49x288xf32>) -> tensor<1x256x3x49x32xf32>
  %k = oriel.split_heads %p {heads = 3 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x256x49x288xf32>) -> tensor<1x256x3x49x32xf32>
  %v = oriel.split_heads %p {heads = 3 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x256x49x288xf32>) -> tensor<1x256x3x49x32xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x256x3x49x32xf32>, tensor<1x256x3x49x32xf32>) -> tensor<1x256x3x49x49xf32>
  %e = oriel.softmax %s : (tensor<1x256x3x49x49xf32>) -> tensor<1x256x3x49x49xf32>
  %o = oriel.matmul %e, %v : (tensor<1x256x3x49x49xf32>, tensor<1x256x3x49x32xf32>) -> tensor<1x256x3x49x32xf32>
  %m = oriel.merge_heads %o : (tensor<1x256x3x49x32xf32>) -> tensor<1x256x49x96xf32>
  %w = oriel.window_reverse %m {map = array<i64: 112, 112>, window = array<i64: 7, 7>} : (tensor<1x256x49x96xf32>) -> tensor<1x112x112x96xf32>
  %a = oriel.roll %w {shift = array<i64: 3, 3>} : (tensor<1x112x112x96xf32>) -> tensor<1x112x112x96xf32>
  %f = oriel.param "proj.weight" : tensor<96x96xf32>
  %l = oriel.linear %a, %f : (tensor<1x112x112x96xf32>, tensor<96x96xf32>) -> tensor<1x112x112x96xf32>
  %y = oriel.add %x, %l : (tensor<1x112x112x96xf32>, tensor<1x112x112x96xf32>) -> tensor<1x112x112x96xf32>
  return %y : tensor<1x112x112x96xf32>
}

// -----

// Must not fuse: two threads would share four groups of tokens.
// REMARK: [Missed] fuse-attention-projection {{.*}}tasks would be whole groups of tokens, of which there are only 4
// CHECK-LABEL: func @tokens
// CHECK: oriel.merge_heads
// CHECK-NEXT: oriel.yield
// CHECK: oriel.linear
// ALWAYS-LABEL: func @tokens
// ALWAYS: oriel.kernel
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.linear
// ALWAYS-NEXT: oriel.gelu
// ALWAYS-NEXT: oriel.yield
func.func @tokens(%qkv: tensor<1x4x16x96xf32>) -> tensor<1x4x16x48xf32> {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %e = oriel.softmax %s : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %o = oriel.matmul %e, %v : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %m = oriel.merge_heads %o : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x16x32xf32>
  %f = oriel.param "proj.weight" : tensor<48x32xf32>
  %l = oriel.linear %m, %f : (tensor<1x4x16x32xf32>, tensor<48x32xf32>) -> tensor<1x4x16x48xf32>
  %y = oriel.gelu %l : (tensor<1x4x16x48xf32>) -> tensor<1x4x16x48xf32>
  return %y : tensor<1x4x16x48xf32>
}

// -----

// Must not fuse: each group reads the weight.
// REMARK: [Missed] fuse-attention-projection {{.*}}the weight of 0.3 MB would be read again for each of 16 groups of tokens
// CHECK-LABEL: func @large_weight
// CHECK: oriel.merge_heads
// CHECK-NEXT: oriel.yield
// CHECK: oriel.linear
// ALWAYS-LABEL: func @large_weight
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.linear
func.func @large_weight(%qkv: tensor<1x16x49x768xf32>) -> tensor<1x16x49x256xf32> {
  %q = oriel.split_heads %qkv {heads = 8 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x16x49x768xf32>) -> tensor<1x16x8x49x32xf32>
  %k = oriel.split_heads %qkv {heads = 8 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x16x49x768xf32>) -> tensor<1x16x8x49x32xf32>
  %v = oriel.split_heads %qkv {heads = 8 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x16x49x768xf32>) -> tensor<1x16x8x49x32xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x16x8x49x32xf32>, tensor<1x16x8x49x32xf32>) -> tensor<1x16x8x49x49xf32>
  %e = oriel.softmax %s : (tensor<1x16x8x49x49xf32>) -> tensor<1x16x8x49x49xf32>
  %o = oriel.matmul %e, %v : (tensor<1x16x8x49x49xf32>, tensor<1x16x8x49x32xf32>) -> tensor<1x16x8x49x32xf32>
  %m = oriel.merge_heads %o : (tensor<1x16x8x49x32xf32>) -> tensor<1x16x49x256xf32>
  %f = oriel.param "proj.weight" : tensor<256x256xf32>
  %l = oriel.linear %m, %f : (tensor<1x16x49x256xf32>, tensor<256x256xf32>) -> tensor<1x16x49x256xf32>
  return %l : tensor<1x16x49x256xf32>
}

// -----

// Must not fuse: what an item computes is small, whatever the batch.
// REMARK: [Missed] fuse-attention-projection {{.*}}the 0.1 MB that attention computes hardly leave the cache
// CHECK-LABEL: func @small
// CHECK: oriel.merge_heads
// CHECK-NEXT: oriel.yield
// CHECK: oriel.linear
// ALWAYS-LABEL: func @small
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.linear
func.func @small(%qkv: tensor<64x16x49x96xf32>) -> tensor<64x16x49x32xf32> {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<64x16x49x96xf32>) -> tensor<64x16x2x49x16xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<64x16x49x96xf32>) -> tensor<64x16x2x49x16xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<64x16x49x96xf32>) -> tensor<64x16x2x49x16xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<64x16x2x49x16xf32>, tensor<64x16x2x49x16xf32>) -> tensor<64x16x2x49x49xf32>
  %e = oriel.softmax %s : (tensor<64x16x2x49x49xf32>) -> tensor<64x16x2x49x49xf32>
  %o = oriel.matmul %e, %v : (tensor<64x16x2x49x49xf32>, tensor<64x16x2x49x16xf32>) -> tensor<64x16x2x49x16xf32>
  %m = oriel.merge_heads %o : (tensor<64x16x2x49x16xf32>) -> tensor<64x16x49x32xf32>
  %f = oriel.param "proj.weight" : tensor<32x32xf32>
  %l = oriel.linear %m, %f : (tensor<64x16x49x32xf32>, tensor<32x32xf32>) -> tensor<64x16x49x32xf32>
  return %l : tensor<64x16x49x32xf32>
}

// -----

// Must not fuse: the heads' rows are a result, too.
// REMARK: fuse-attention-projection {{.*}}has several readers
// ALWAYS-LABEL: func @other_reader
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.yield
// ALWAYS: oriel.linear
func.func @other_reader(%qkv: tensor<1x4x16x96xf32>) -> (tensor<1x4x16x32xf32>, tensor<1x4x16x32xf32>) {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %e = oriel.softmax %s : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %o = oriel.matmul %e, %v : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %m = oriel.merge_heads %o : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x16x32xf32>
  %f = oriel.param "proj.weight" : tensor<32x32xf32>
  %l = oriel.linear %m, %f : (tensor<1x4x16x32xf32>, tensor<32x32xf32>) -> tensor<1x4x16x32xf32>
  return %l, %m : tensor<1x4x16x32xf32>, tensor<1x4x16x32xf32>
}

// -----

// Must not fuse: the heads' rows are what is added, not what is projected.
// ALWAYS-LABEL: func @residual
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.yield
// ALWAYS: oriel.linear
func.func @residual(%qkv: tensor<1x4x16x96xf32>, %x: tensor<1x4x16x32xf32>) -> tensor<1x4x16x32xf32> {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %e = oriel.softmax %s : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %o = oriel.matmul %e, %v : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %m = oriel.merge_heads %o : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x16x32xf32>
  %f = oriel.param "proj.weight" : tensor<32x32xf32>
  %l = oriel.linear %x, %f : (tensor<1x4x16x32xf32>, tensor<32x32xf32>) -> tensor<1x4x16x32xf32>
  %y = oriel.add %l, %m : (tensor<1x4x16x32xf32>, tensor<1x4x16x32xf32>) -> tensor<1x4x16x32xf32>
  return %y : tensor<1x4x16x32xf32>
}

// -----

// Must not fuse: rows are normalised before they are projected.
// ALWAYS-LABEL: func @norm
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.yield
// ALWAYS: oriel.layer_norm
func.func @norm(%qkv: tensor<1x4x16x96xf32>) -> tensor<1x4x16x32xf32> {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x4x16x96xf32>) -> tensor<1x4x2x16x16xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %e = oriel.softmax %s : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %o = oriel.matmul %e, %v : (tensor<1x4x2x16x16xf32>, tensor<1x4x2x16x16xf32>) -> tensor<1x4x2x16x16xf32>
  %m = oriel.merge_heads %o : (tensor<1x4x2x16x16xf32>) -> tensor<1x4x16x32xf32>
  %f = oriel.param "proj.weight" : tensor<32x32xf32>
  %g = oriel.param "norm.weight" : tensor<32xf32>
  %h = oriel.param "norm.bias" : tensor<32xf32>
  %n = oriel.layer_norm %m, %g, %h {epsilon = 1.0e-05 : f64} : (tensor<1x4x16x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<1x4x16x32xf32>
  %l = oriel.linear %n, %f : (tensor<1x4x16x32xf32>, tensor<32x32xf32>) -> tensor<1x4x16x32xf32>
  return %l : tensor<1x4x16x32xf32>
}

// -----

// Must not fuse: a kernel of two layers takes no attention.
// REMARK: fuse-attention-projection {{.*}}are not one kernel: a kernel has one linear layer, convolution or attention, not several
// ALWAYS-LABEL: func @mlp
// ALWAYS: oriel.merge_heads
// ALWAYS-NEXT: oriel.yield
// ALWAYS: oriel.linear
func.func @mlp(%qkv: tensor<1x64x64x96xf32>) -> tensor<1x64x64x32xf32> {
  %q = oriel.split_heads %qkv {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x64x64x96xf32>) -> tensor<1x64x2x64x16xf32>
  %k = oriel.split_heads %qkv {heads = 2 : i64, part = 1 : i64, parts = 3 : i64} : (tensor<1x64x64x96xf32>) -> tensor<1x64x2x64x16xf32>
  %v = oriel.split_heads %qkv {heads = 2 : i64, part = 2 : i64, parts = 3 : i64} : (tensor<1x64x64x96xf32>) -> tensor<1x64x2x64x16xf32>
  %s = oriel.matmul %q, %k {transpose_rhs} : (tensor<1x64x2x64x16xf32>, tensor<1x64x2x64x16xf32>) -> tensor<1x64x2x64x64xf32>
  %e = oriel.softmax %s : (tensor<1x64x2x64x64xf32>) -> tensor<1x64x2x64x64xf32>
  %o = oriel.matmul %e, %v : (tensor<1x64x2x64x64xf32>, tensor<1x64x2x64x16xf32>) -> tensor<1x64x2x64x16xf32>
  %m = oriel.merge_heads %o : (tensor<1x64x2x64x16xf32>) -> tensor<1x64x64x32xf32>
  %f = oriel.param "fc1.weight" : tensor<128x32xf32>
  %g = oriel.param "fc2.weight" : tensor<32x128xf32>
  %l = oriel.linear %m, %f : (tensor<1x64x64x32xf32>, tensor<128x32xf32>) -> tensor<1x64x64x128xf32>
  %h = oriel.gelu %l : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %n = oriel.linear %h, %g : (tensor<1x64x64x128xf32>, tensor<32x128xf32>) -> tensor<1x64x64x32xf32>
  return %n : tensor<1x64x64x32xf32>
}
