// RUN: oriel-opt %s --mlir-print-debuginfo | oriel-opt --mlir-print-debuginfo | FileCheck %s
//
// A layer's name is its op's location and survives the text form, in kernels too.

// CHECK-LABEL: func.func @names
func.func @names(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: oriel.silu {{.*}} loc([[OUTER:#.*]])
  %0 = oriel.silu %x : (tensor<4xf32>) -> tensor<4xf32> loc("stages.0.act")
  %1 = oriel.kernel (%a = %0 : tensor<4xf32>) -> tensor<4xf32> {
    // CHECK: oriel.gelu {{.*}} loc([[INNER:#.*]])
    %g = oriel.gelu %a : (tensor<4xf32>) -> tensor<4xf32> loc("stages.1.act")
    oriel.yield %g : tensor<4xf32>
  } loc("stages.1")
  return %1 : tensor<4xf32>
}
// CHECK-DAG: [[OUTER]] = loc("stages.0.act")
// CHECK-DAG: [[INNER]] = loc("stages.1.act")
