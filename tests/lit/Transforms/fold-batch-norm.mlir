// RUN: oriel-opt %s --fold-batch-norm --split-input-file | FileCheck %s
// RUN: oriel-opt %s --fold-batch-norm --split-input-file --remarks-filter=fusion -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: [Passed] fold-batch-norm {{.*}}batch_norm is folded into the parameters of conv2d
// CHECK-LABEL: func @conv
// CHECK-DAG: %[[FILTER:.*]] = oriel.param "conv.weight"
// CHECK-DAG: %[[GAMMA:.*]] = oriel.param "bn.weight"
// CHECK-DAG: %[[BETA:.*]] = oriel.param "bn.bias"
// CHECK-DAG: %[[MEAN:.*]] = oriel.param "bn.mean"
// CHECK-DAG: %[[VAR:.*]] = oriel.param "bn.var"
// CHECK: %[[SCALE:.*]] = oriel.batch_norm_scale %[[GAMMA]], %[[VAR]] {epsilon = 1.000000e-03 : f64}
// CHECK: %[[SCALED:.*]] = oriel.scale_filters %[[FILTER]], %[[SCALE]]
// CHECK: %[[OFFSET:.*]] = oriel.batch_norm_offset %[[BETA]], %[[MEAN]], %[[SCALE]] :
// CHECK: %[[Y:.*]] = oriel.conv2d %{{.*}}, %[[SCALED]], %[[OFFSET]] {groups = 2 : i64, padding = array<i64: 1, 1>, strides = array<i64: 2, 2>}
// CHECK-NEXT: return %[[Y]]
func.func @conv(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x4x6xf32> {
  %w = oriel.param "conv.weight" : tensor<6x2x3x3xf32>
  %gamma = oriel.param "bn.weight" : tensor<6xf32>
  %beta = oriel.param "bn.bias" : tensor<6xf32>
  %mean = oriel.param "bn.mean" : tensor<6xf32>
  %var = oriel.param "bn.var" : tensor<6xf32>
  %c = oriel.conv2d %x, %w {groups = 2 : i64, padding = array<i64: 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>, tensor<6x2x3x3xf32>) -> tensor<1x4x4x6xf32>
  %y = oriel.batch_norm %c, %gamma, %beta, %mean, %var {epsilon = 1.0e-03 : f64} : (tensor<1x4x4x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<1x4x4x6xf32>
  return %y : tensor<1x4x4x6xf32>
}

// -----

// The bias goes through the norm, too.
// CHECK-LABEL: func @linear_with_bias
// CHECK-DAG: %[[BIAS:.*]] = oriel.param "fc.bias"
// CHECK: oriel.batch_norm_offset %{{.*}}, %{{.*}}, %{{.*}}, %[[BIAS]] :
// CHECK-NEXT: oriel.linear
// CHECK-NOT: oriel.batch_norm %
func.func @linear_with_bias(%x: tensor<1x8xf32>) -> tensor<1x6xf32> {
  %w = oriel.param "fc.weight" : tensor<6x8xf32>
  %b = oriel.param "fc.bias" : tensor<6xf32>
  %gamma = oriel.param "bn.weight" : tensor<6xf32>
  %beta = oriel.param "bn.bias" : tensor<6xf32>
  %mean = oriel.param "bn.mean" : tensor<6xf32>
  %var = oriel.param "bn.var" : tensor<6xf32>
  %l = oriel.linear %x, %w, %b : (tensor<1x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<1x6xf32>
  %y = oriel.batch_norm %l, %gamma, %beta, %mean, %var {epsilon = 1.0e-05 : f64} : (tensor<1x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<1x6xf32>
  return %y : tensor<1x6xf32>
}

// -----

// Must not fold: the convolution's result is needed as it is.
// REMARK: [Missed] fold-batch-norm {{.*}}batch_norm is not folded: conv2d has other readers
// CHECK-LABEL: func @other_reader
// CHECK: oriel.conv2d
// CHECK: oriel.batch_norm %
func.func @other_reader(%x: tensor<1x8x8x4xf32>) -> (tensor<1x8x8x6xf32>, tensor<1x8x8x6xf32>) {
  %w = oriel.param "conv.weight" : tensor<6x4x1x1xf32>
  %v = oriel.param "bn" : tensor<6xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x8x8x6xf32>
  %y = oriel.batch_norm %c, %v, %v, %v, %v {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return %c, %y : tensor<1x8x8x6xf32>, tensor<1x8x8x6xf32>
}

// -----

// Must not fold: the filter is no parameter.
// REMARK: [Missed] fold-batch-norm {{.*}}batch_norm is not folded: the weights of conv2d are no parameters
// CHECK-LABEL: func @computed_filter
// CHECK: oriel.conv2d
// CHECK: oriel.batch_norm %
func.func @computed_filter(%x: tensor<1x8x8x4xf32>, %w: tensor<6x4x1x1xf32>) -> tensor<1x8x8x6xf32> {
  %v = oriel.param "bn" : tensor<6xf32>
  %c = oriel.conv2d %x, %w {padding = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x8x8x6xf32>
  %y = oriel.batch_norm %c, %v, %v, %v, %v {epsilon = 1.0e-05 : f64} : (tensor<1x8x8x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return %y : tensor<1x8x8x6xf32>
}
