// RUN: oriel-opt %s --fuse-layer-norm-pool --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fuse-layer-norm-pool --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fuse-layer-norm-pool {{.*}}layer_norm, global_avg_pool are one kernel
// CHECK-LABEL: func @pool
// CHECK: oriel.kernel
// CHECK-NEXT: %[[N:.*]] = oriel.layer_norm
// CHECK-NEXT: oriel.global_avg_pool %[[N]]
func.func @pool(%x: tensor<1x7x7x16xf32>) -> tensor<1x16xf32> {
  %g = oriel.param "norm" : tensor<16xf32>
  %n = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x7x7x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x7x7x16xf32>
  %p = oriel.global_avg_pool %n : (tensor<1x7x7x16xf32>) -> tensor<1x16xf32>
  return %p : tensor<1x16xf32>
}

// -----

// Must not fuse: the normalised map is a result of the model.
// REMARK: fuse-layer-norm-pool {{.*}}layer_norm has several readers
// CHECK-LABEL: func @features_returned
// CHECK-NOT: oriel.kernel
func.func @features_returned(%x: tensor<1x7x7x16xf32>) -> (tensor<1x7x7x16xf32>, tensor<1x16xf32>) {
  %g = oriel.param "norm" : tensor<16xf32>
  %n = oriel.layer_norm %x, %g, %g {epsilon = 1.0e-05 : f64} : (tensor<1x7x7x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x7x7x16xf32>
  %p = oriel.global_avg_pool %n : (tensor<1x7x7x16xf32>) -> tensor<1x16xf32>
  return %n, %p : tensor<1x7x7x16xf32>, tensor<1x16xf32>
}
