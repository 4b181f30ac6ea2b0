// RUN: oriel-opt %s --fuse-gemm-epilogue --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-gemm-epilogue --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-gemm-epilogue {{.*}}linear, gelu are one kernel
// CHECK-LABEL: func @gelu
// CHECK: oriel.kernel
// CHECK-NEXT: %[[L:.*]] = oriel.linear
// CHECK-NEXT: %[[G:.*]] = oriel.gelu %[[L]]
// CHECK-NEXT: oriel.yield %[[G]]
func.func @gelu(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x32xf32> {
  %w = oriel.param "fc1.weight" : tensor<32x16xf32>
  %b = oriel.param "fc1.bias" : tensor<32xf32>
  %l = oriel.linear %x, %w, %b : (tensor<1x8x8x16xf32>, tensor<32x16xf32>, tensor<32xf32>) -> tensor<1x8x8x32xf32>
  %g = oriel.gelu %l : (tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32>
  return %g : tensor<1x8x8x32xf32>
}

// -----

// A kernel that begins with a layer norm grows.
// CHECK-LABEL: func @growing_kernel
// CHECK-SAME: %{{.*}}: tensor<1x8x8x16xf32>, %[[R:.*]]: tensor<1x8x8x16xf32>
// CHECK: %[[Y:.*]] = oriel.kernel ({{.*}}, %[[Q:.*]] = %[[R]] : tensor<1x8x8x16xf32>)
// CHECK-NEXT: %[[N:.*]] = oriel.layer_norm
// CHECK-NEXT: %[[L:.*]] = oriel.linear %[[N]]
// CHECK-NEXT: %[[S:.*]] = oriel.add %[[Q]], %[[L]]
// CHECK-NEXT: oriel.yield %[[S]]
// CHECK: return %[[Y]]
func.func @growing_kernel(%x: tensor<1x8x8x16xf32>, %r: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> {
  %v = oriel.param "norm" : tensor<16xf32>
  %w = oriel.param "fc.weight" : tensor<16x16xf32>
  %k = oriel.kernel (%a = %x : tensor<1x8x8x16xf32>, %g = %v : tensor<16xf32>, %f = %w : tensor<16x16xf32>) -> tensor<1x8x8x16xf32> {
    %n = oriel.layer_norm %a, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32>
    %l = oriel.linear %n, %f : (tensor<1x8x8x16xf32>, tensor<16x16xf32>) -> tensor<1x8x8x16xf32>
    oriel.yield %l : tensor<1x8x8x16xf32>
  }
  %y = oriel.add %r, %k : (tensor<1x8x8x16xf32>, tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32>
  return %y : tensor<1x8x8x16xf32>
}

// -----

// Two linear layers meet in an addition: one of them is computed first.
// CHECK-LABEL: func @sum_of_two
// CHECK: %[[B:.*]] = oriel.linear %{{.*}}, %{{.*}}
// CHECK-NEXT: oriel.kernel ({{.*}}, %[[P:.*]] = %[[B]] : tensor<1x16xf32>)
// CHECK-NEXT: %[[A:.*]] = oriel.linear
// CHECK-NEXT: oriel.add %[[A]], %[[P]]
func.func @sum_of_two(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %v = oriel.param "a.weight" : tensor<16x16xf32>
  %w = oriel.param "b.weight" : tensor<16x16xf32>
  %a = oriel.linear %x, %v : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %b = oriel.linear %x, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %y = oriel.add %a, %b : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<1x16xf32>
  return %y : tensor<1x16xf32>
}

// -----

// Must not fuse: the result is needed without the activation.
// REMARK: fuse-gemm-epilogue {{.*}}linear has several readers, an activation among them
// CHECK-LABEL: func @other_reader
// CHECK-NOT: oriel.kernel
func.func @other_reader(%x: tensor<1x16xf32>) -> (tensor<1x32xf32>, tensor<1x32xf32>) {
  %w = oriel.param "fc1.weight" : tensor<32x16xf32>
  %l = oriel.linear %x, %w : (tensor<1x16xf32>, tensor<32x16xf32>) -> tensor<1x32xf32>
  %g = oriel.gelu %l : (tensor<1x32xf32>) -> tensor<1x32xf32>
  return %l, %g : tensor<1x32xf32>, tensor<1x32xf32>
}

// -----

// Must not fuse: softmax needs the whole row.
// CHECK-LABEL: func @softmax
// CHECK-NOT: oriel.kernel
func.func @softmax(%x: tensor<1x16xf32>) -> tensor<1x32xf32> {
  %w = oriel.param "fc.weight" : tensor<32x16xf32>
  %l = oriel.linear %x, %w : (tensor<1x16xf32>, tensor<32x16xf32>) -> tensor<1x32xf32>
  %s = oriel.softmax %l : (tensor<1x32xf32>) -> tensor<1x32xf32>
  return %s : tensor<1x32xf32>
}
