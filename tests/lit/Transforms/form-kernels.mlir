// RUN: oriel-opt %s --form-kernels --split-input-file --verify-diagnostics | FileCheck %s
// RUN: not oriel-opt %s --form-kernels --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Pointwise ops in a chain share a kernel; the pool gets its own, parameters none.
// REMARK: [Passed] form-kernels {{.*}}silu, add+add are one kernel
// CHECK-LABEL: func @chain
// CHECK: %[[T:.*]] = oriel.batch_norm_scale
// CHECK: %[[C:.*]] = oriel.kernel
// CHECK-NEXT: oriel.silu
// CHECK-NEXT: oriel.add
// CHECK-NEXT: oriel.add
// CHECK-NEXT: oriel.yield
// CHECK: oriel.kernel (%{{.*}} = %[[C]]
// CHECK-NEXT: oriel.global_avg_pool
// CHECK-NEXT: oriel.yield
func.func @chain(%x: tensor<1x8x8x4xf32>, %z: tensor<1x8x8x4xf32>) -> tensor<1x4xf32> {
  %g = oriel.param "gamma" : tensor<4xf32>
  %v = oriel.param "variance" : tensor<4xf32>
  %t = oriel.batch_norm_scale %g, %v {epsilon = 1.0e-05 : f64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %s = oriel.silu %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %a = oriel.add %s, %z : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %b = oriel.add %a, %t : (tensor<1x8x8x4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  %p = oriel.global_avg_pool %b : (tensor<1x8x8x4xf32>) -> tensor<1x4xf32>
  return %p : tensor<1x4xf32>
}

// -----

// Must not share: both results are stored.
// CHECK-LABEL: func @both_returned
// CHECK-COUNT-2: oriel.kernel
func.func @both_returned(%x: tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>) {
  %s = oriel.silu %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %g = oriel.gelu %s : (tensor<1x8xf32>) -> tensor<1x8xf32>
  return %s, %g : tensor<1x8xf32>, tensor<1x8xf32>
}

// -----

// Must not touch kernels that stand already.
// CHECK-LABEL: func @formed
// CHECK-COUNT-1: oriel.kernel
// CHECK-NOT: oriel.kernel
func.func @formed(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %y = oriel.kernel (%a = %x : tensor<1x8xf32>) -> tensor<1x8xf32> {
    %s = oriel.softmax %a : (tensor<1x8xf32>) -> tensor<1x8xf32>
    oriel.yield %s : tensor<1x8xf32>
  }
  return %y : tensor<1x8xf32>
}

// -----

// Must not form: the batch is known at run time only.
func.func @parameter_of_a_batch(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %p = oriel.param "position" : tensor<2x8xf32>
  // expected-error @+1 {{cannot be computed: 'add' reads a parameter with a dimension for the batch}}
  %s = oriel.add %x, %p : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return %s : tensor<2x8xf32>
}
