// RUN: oriel-opt %s --fuse-conv-silu --fuse-gemm-epilogue --fuse-inverted-residual --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-conv-silu --fuse-gemm-epilogue --fuse-inverted-residual --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: oriel-opt %s --fuse-conv-silu --fuse-gemm-epilogue --fuse-inverted-residual=always --split-input-file | FileCheck %s --check-prefix=ALWAYS

// The residual is the kernel's own operand.
// REMARK: fuse-inverted-residual {{.*}}conv2d+silu, conv2d+silu, conv2d+add are one kernel: 2.1 MB of expanded activation stay in the cache
// CHECK-LABEL: func @block
// CHECK-SAME: %[[X:.*]]: tensor<1x64x64x32xf32>
// CHECK: %[[Y:.*]] = oriel.kernel (%[[A:.*]] = %[[X]] : tensor<1x64x64x32xf32>, {{.*}}) -> tensor<1x64x64x32xf32> {
// CHECK-NEXT: %[[E:.*]] = oriel.conv2d %[[A]]
// CHECK-NEXT: %[[S:.*]] = oriel.silu %[[E]]
// CHECK-NEXT: %[[D:.*]] = oriel.conv2d %[[S]], {{.*}}groups = 128
// CHECK-NEXT: %[[T:.*]] = oriel.silu %[[D]]
// CHECK-NEXT: %[[P:.*]] = oriel.conv2d %[[T]]
// CHECK-NEXT: %[[R:.*]] = oriel.add %[[A]], %[[P]]
// CHECK-NEXT: oriel.yield %[[R]]
// CHECK: return %[[Y]]
func.func @block(%x: tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> {
  %w = oriel.param "expand.weight" : tensor<128x32x1x1xf32>
  %u = oriel.param "depthwise.weight" : tensor<128x1x3x3xf32>
  %v = oriel.param "project.weight" : tensor<32x128x1x1xf32>
  %e = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x64x32xf32>, tensor<128x32x1x1xf32>) -> tensor<1x64x64x128xf32>
  %s = oriel.silu %e : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %d = oriel.conv2d %s, %u {groups = 128 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x64x128xf32>, tensor<128x1x3x3xf32>) -> tensor<1x64x64x128xf32>
  %t = oriel.silu %d : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %p = oriel.conv2d %t, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x64x128xf32>, tensor<32x128x1x1xf32>) -> tensor<1x64x64x32xf32>
  %y = oriel.add %x, %p : (tensor<1x64x64x32xf32>, tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32>
  return %y : tensor<1x64x64x32xf32>
}

// -----

// A stride of 2, and no op after the projection.
// REMARK: fuse-inverted-residual {{.*}}conv2d+silu, conv2d+silu, conv2d are one kernel: 4.2 MB of expanded activation stay in the cache
// CHECK-LABEL: func @strided
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.conv2d
// CHECK-NEXT: oriel.silu
// CHECK-NEXT: oriel.conv2d
// CHECK-NEXT: oriel.silu
// CHECK-NEXT: oriel.conv2d
// CHECK-NEXT: oriel.yield
func.func @strided(%x: tensor<2x64x64x32xf32>) -> tensor<2x32x32x48xf32> {
  %w = oriel.param "expand.weight" : tensor<128x32x1x1xf32>
  %u = oriel.param "depthwise.weight" : tensor<128x1x3x3xf32>
  %v = oriel.param "project.weight" : tensor<48x128x1x1xf32>
  %e = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<2x64x64x32xf32>, tensor<128x32x1x1xf32>) -> tensor<2x64x64x128xf32>
  %s = oriel.silu %e : (tensor<2x64x64x128xf32>) -> tensor<2x64x64x128xf32>
  %d = oriel.conv2d %s, %u {groups = 128 : i64, padding = array<i64: 1, 1>, strides = array<i64: 2, 2>} : (tensor<2x64x64x128xf32>, tensor<128x1x3x3xf32>) -> tensor<2x32x32x128xf32>
  %t = oriel.silu %d : (tensor<2x32x32x128xf32>) -> tensor<2x32x32x128xf32>
  %p = oriel.conv2d %t, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<2x32x32x128xf32>, tensor<48x128x1x1xf32>) -> tensor<2x32x32x48xf32>
  return %p : tensor<2x32x32x48xf32>
}

// -----

// Must not fuse: the expanded activation is small.
// REMARK: fuse-inverted-residual {{.*}}conv2d+silu, conv2d+silu, conv2d are not one kernel: the 0.5 MB of expanded activation hardly leave the cache
// ALWAYS-LABEL: func @small
// ALWAYS: oriel.kernel
// ALWAYS-NEXT: oriel.conv2d
// ALWAYS-NEXT: oriel.silu
// ALWAYS-NEXT: oriel.conv2d
// ALWAYS-NEXT: oriel.silu
// ALWAYS-NEXT: oriel.conv2d
// CHECK-LABEL: func @small
// CHECK: oriel.yield
// CHECK: oriel.yield
// CHECK: oriel.conv2d
func.func @small(%x: tensor<1x32x32x32xf32>) -> tensor<1x32x32x32xf32> {
  %w = oriel.param "expand.weight" : tensor<128x32x1x1xf32>
  %u = oriel.param "depthwise.weight" : tensor<128x1x3x3xf32>
  %v = oriel.param "project.weight" : tensor<32x128x1x1xf32>
  %e = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x32x32xf32>, tensor<128x32x1x1xf32>) -> tensor<1x32x32x128xf32>
  %s = oriel.silu %e : (tensor<1x32x32x128xf32>) -> tensor<1x32x32x128xf32>
  %d = oriel.conv2d %s, %u {groups = 128 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x32x32x128xf32>, tensor<128x1x3x3xf32>) -> tensor<1x32x32x128xf32>
  %t = oriel.silu %d : (tensor<1x32x32x128xf32>) -> tensor<1x32x32x128xf32>
  %p = oriel.conv2d %t, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x32x128xf32>, tensor<32x128x1x1xf32>) -> tensor<1x32x32x32xf32>
  return %p : tensor<1x32x32x32xf32>
}

// -----

// Must not fuse: three lines of the expanded activation and the weights are more than the cache.
// REMARK: fuse-inverted-residual {{.*}}are not one kernel: the weights and the lines of the 8.4 MB of expanded activation that a task reads again, 1.1 MB, do not stay in the cache
// CHECK-LABEL: func @wide_lines
// CHECK: oriel.yield
// CHECK: oriel.yield
// CHECK: oriel.conv2d
func.func @wide_lines(%x: tensor<1x32x256x32xf32>) -> tensor<1x32x256x32xf32> {
  %w = oriel.param "expand.weight" : tensor<256x32x1x1xf32>
  %u = oriel.param "depthwise.weight" : tensor<256x1x3x3xf32>
  %v = oriel.param "project.weight" : tensor<32x256x1x1xf32>
  %e = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x256x32xf32>, tensor<256x32x1x1xf32>) -> tensor<1x32x256x256xf32>
  %s = oriel.silu %e : (tensor<1x32x256x256xf32>) -> tensor<1x32x256x256xf32>
  %d = oriel.conv2d %s, %u {groups = 256 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x32x256x256xf32>, tensor<256x1x3x3xf32>) -> tensor<1x32x256x256xf32>
  %t = oriel.silu %d : (tensor<1x32x256x256xf32>) -> tensor<1x32x256x256xf32>
  %p = oriel.conv2d %t, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x256x256xf32>, tensor<32x256x1x1xf32>) -> tensor<1x32x256x32xf32>
  return %p : tensor<1x32x256x32xf32>
}

// -----

// Must not fuse: the filtered activation is a result, too.
// REMARK: fuse-inverted-residual {{.*}}are not one kernel: an intermediate result has other readers
// ALWAYS-LABEL: func @other_reader
// ALWAYS: oriel.yield
// ALWAYS: oriel.yield
// CHECK-LABEL: func @other_reader
// CHECK: oriel.yield
// CHECK: oriel.yield
// CHECK: oriel.conv2d
func.func @other_reader(%x: tensor<1x64x64x32xf32>) -> (tensor<1x64x64x32xf32>, tensor<1x64x64x128xf32>) {
  %w = oriel.param "expand.weight" : tensor<128x32x1x1xf32>
  %u = oriel.param "depthwise.weight" : tensor<128x1x3x3xf32>
  %v = oriel.param "project.weight" : tensor<32x128x1x1xf32>
  %e = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x64x32xf32>, tensor<128x32x1x1xf32>) -> tensor<1x64x64x128xf32>
  %s = oriel.silu %e : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %d = oriel.conv2d %s, %u {groups = 128 : i64, padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x64x128xf32>, tensor<128x1x3x3xf32>) -> tensor<1x64x64x128xf32>
  %t = oriel.silu %d : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %p = oriel.conv2d %t, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x64x128xf32>, tensor<32x128x1x1xf32>) -> tensor<1x64x64x32xf32>
  return %p, %t : tensor<1x64x64x32xf32>, tensor<1x64x64x128xf32>
}

// -----

// Must not fuse: the filter in the middle is dense.
// CHECK-LABEL: func @dense
// CHECK: oriel.yield
// CHECK: oriel.yield
// CHECK: oriel.conv2d
func.func @dense(%x: tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> {
  %w = oriel.param "expand.weight" : tensor<128x32x1x1xf32>
  %u = oriel.param "dense.weight" : tensor<128x128x3x3xf32>
  %v = oriel.param "project.weight" : tensor<32x128x1x1xf32>
  %e = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x64x32xf32>, tensor<128x32x1x1xf32>) -> tensor<1x64x64x128xf32>
  %s = oriel.silu %e : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %d = oriel.conv2d %s, %u {padding = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x64x128xf32>, tensor<128x128x3x3xf32>) -> tensor<1x64x64x128xf32>
  %t = oriel.silu %d : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %p = oriel.conv2d %t, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x64x64x128xf32>, tensor<32x128x1x1xf32>) -> tensor<1x64x64x32xf32>
  return %p : tensor<1x64x64x32xf32>
}
