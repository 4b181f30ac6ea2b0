// RUN: oriel-opt %s --fuse-gemm-epilogue --fuse-conv-silu --fuse-mlp --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-gemm-epilogue --fuse-conv-silu --fuse-mlp --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: oriel-opt %s --fuse-gemm-epilogue --fuse-conv-silu --fuse-mlp=always --split-input-file | FileCheck %s --check-prefix=ALWAYS

// The residual is the kernel's own operand.
// REMARK: fuse-mlp {{.*}}linear+gelu, linear+add are one kernel: 2.1 MB of hidden activation stay in the cache
// CHECK-LABEL: func @transformer
// CHECK-SAME: %[[X:.*]]: tensor<1x64x64x32xf32>
// CHECK: %[[Y:.*]] = oriel.kernel (%[[A:.*]] = %[[X]] : tensor<1x64x64x32xf32>, {{.*}}) -> tensor<1x64x64x32xf32> {
// CHECK-NEXT: %[[L:.*]] = oriel.linear %[[A]]
// CHECK-NEXT: %[[G:.*]] = oriel.gelu %[[L]]
// CHECK-NEXT: %[[M:.*]] = oriel.linear %[[G]]
// CHECK-NEXT: %[[S:.*]] = oriel.add %[[A]], %[[M]]
// CHECK-NEXT: oriel.yield %[[S]]
// CHECK: return %[[Y]]
func.func @transformer(%x: tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> {
  %w = oriel.param "fc1.weight" : tensor<128x32xf32>
  %v = oriel.param "fc2.weight" : tensor<32x128xf32>
  %l = oriel.linear %x, %w : (tensor<1x64x64x32xf32>, tensor<128x32xf32>) -> tensor<1x64x64x128xf32>
  %g = oriel.gelu %l : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %m = oriel.linear %g, %v : (tensor<1x64x64x128xf32>, tensor<32x128xf32>) -> tensor<1x64x64x32xf32>
  %y = oriel.add %x, %m : (tensor<1x64x64x32xf32>, tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32>
  return %y : tensor<1x64x64x32xf32>
}

// -----

// CHECK-LABEL: func @convolutions
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.conv2d
// CHECK-NEXT: oriel.silu
// CHECK-NEXT: oriel.conv2d
// CHECK-NEXT: oriel.yield
func.func @convolutions(%x: tensor<2x64x64x32xf32>) -> tensor<2x64x64x32xf32> {
  %w = oriel.param "a.weight" : tensor<64x32x1x1xf32>
  %v = oriel.param "b.weight" : tensor<32x64x1x1xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<2x64x64x32xf32>, tensor<64x32x1x1xf32>) -> tensor<2x64x64x64xf32>
  %s = oriel.silu %c : (tensor<2x64x64x64xf32>) -> tensor<2x64x64x64xf32>
  %d = oriel.conv2d %s, %v {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<2x64x64x64xf32>, tensor<32x64x1x1xf32>) -> tensor<2x64x64x32xf32>
  return %d : tensor<2x64x64x32xf32>
}

// -----

// Must not fuse: the hidden activation is small.
// REMARK: fuse-mlp {{.*}}linear+gelu, linear are not one kernel: the 0.0 MB of hidden activation hardly leave the cache
// ALWAYS-LABEL: func @small
// ALWAYS: oriel.kernel
// ALWAYS-NEXT: oriel.linear
// ALWAYS-NEXT: oriel.gelu
// ALWAYS-NEXT: oriel.linear
// CHECK-LABEL: func @small
// CHECK: oriel.kernel
// CHECK: oriel.yield
// CHECK: oriel.linear
func.func @small(%x: tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32> {
  %w = oriel.param "fc1.weight" : tensor<128x32xf32>
  %v = oriel.param "fc2.weight" : tensor<32x128xf32>
  %l = oriel.linear %x, %w : (tensor<1x8x8x32xf32>, tensor<128x32xf32>) -> tensor<1x8x8x128xf32>
  %g = oriel.gelu %l : (tensor<1x8x8x128xf32>) -> tensor<1x8x8x128xf32>
  %m = oriel.linear %g, %v : (tensor<1x8x8x128xf32>, tensor<32x128xf32>) -> tensor<1x8x8x32xf32>
  return %m : tensor<1x8x8x32xf32>
}

// -----

// Must not fuse: the weights do not stay in the cache.
// REMARK: fuse-mlp {{.*}}the weights of 1.2 MB would be read again for each block of the 2.4 MB of hidden activation
// CHECK-LABEL: func @large_weights
// CHECK: oriel.kernel
// CHECK: oriel.yield
// CHECK: oriel.linear
func.func @large_weights(%x: tensor<1x28x28x192xf32>) -> tensor<1x28x28x192xf32> {
  %w = oriel.param "fc1.weight" : tensor<768x192xf32>
  %v = oriel.param "fc2.weight" : tensor<192x768xf32>
  %l = oriel.linear %x, %w : (tensor<1x28x28x192xf32>, tensor<768x192xf32>) -> tensor<1x28x28x768xf32>
  %g = oriel.gelu %l : (tensor<1x28x28x768xf32>) -> tensor<1x28x28x768xf32>
  %m = oriel.linear %g, %v : (tensor<1x28x28x768xf32>, tensor<192x768xf32>) -> tensor<1x28x28x192xf32>
  return %m : tensor<1x28x28x192xf32>
}

// -----

// Must not fuse: the activation is a result, too.
// REMARK: fuse-mlp {{.*}}linear+gelu has several readers
// ALWAYS-LABEL: func @other_reader
// ALWAYS: oriel.yield
// ALWAYS: oriel.linear
// CHECK-LABEL: func @other_reader
// CHECK: oriel.kernel
// CHECK: oriel.yield
// CHECK: oriel.linear
func.func @other_reader(%x: tensor<1x64x64x32xf32>) -> (tensor<1x64x64x32xf32>, tensor<1x64x64x128xf32>) {
  %w = oriel.param "fc1.weight" : tensor<128x32xf32>
  %v = oriel.param "fc2.weight" : tensor<32x128xf32>
  %l = oriel.linear %x, %w : (tensor<1x64x64x32xf32>, tensor<128x32xf32>) -> tensor<1x64x64x128xf32>
  %g = oriel.gelu %l : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %m = oriel.linear %g, %v : (tensor<1x64x64x128xf32>, tensor<32x128xf32>) -> tensor<1x64x64x32xf32>
  return %m, %g : tensor<1x64x64x32xf32>, tensor<1x64x64x128xf32>
}

// -----

// Must not fuse: the first layer's result is not an activation.
// CHECK-LABEL: func @no_activation
// CHECK-NOT: oriel.kernel
func.func @no_activation(%x: tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> {
  %w = oriel.param "a.weight" : tensor<128x32xf32>
  %v = oriel.param "b.weight" : tensor<32x128xf32>
  %l = oriel.linear %x, %w : (tensor<1x64x64x32xf32>, tensor<128x32xf32>) -> tensor<1x64x64x128xf32>
  %m = oriel.linear %l, %v : (tensor<1x64x64x128xf32>, tensor<32x128xf32>) -> tensor<1x64x64x32xf32>
  return %m : tensor<1x64x64x32xf32>
}

// -----

// The first reader is a hidden layer, too.
// ALWAYS-LABEL: func @chain
// CHECK-LABEL: func @chain
// CHECK: oriel.kernel
// CHECK-NEXT: oriel.linear
// CHECK-NEXT: oriel.gelu
// CHECK-NEXT: oriel.linear
// CHECK-NEXT: oriel.gelu
// CHECK-NEXT: oriel.yield
// CHECK: oriel.linear
func.func @chain(%x: tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32> {
  %w = oriel.param "fc1.weight" : tensor<128x32xf32>
  %v = oriel.param "fc2.weight" : tensor<32x128xf32>
  %u = oriel.param "fc3.weight" : tensor<32x32xf32>
  %l = oriel.linear %x, %w : (tensor<1x64x64x32xf32>, tensor<128x32xf32>) -> tensor<1x64x64x128xf32>
  %g = oriel.gelu %l : (tensor<1x64x64x128xf32>) -> tensor<1x64x64x128xf32>
  %m = oriel.linear %g, %v : (tensor<1x64x64x128xf32>, tensor<32x128xf32>) -> tensor<1x64x64x32xf32>
  %h = oriel.gelu %m : (tensor<1x64x64x32xf32>) -> tensor<1x64x64x32xf32>
  %y = oriel.linear %h, %u : (tensor<1x64x64x32xf32>, tensor<32x32xf32>) -> tensor<1x64x64x32xf32>
  return %y : tensor<1x64x64x32xf32>
}
