// RUN: oriel-opt %s -split-input-file -verify-diagnostics -take-pixels | FileCheck %s

// The image that is only read channel last: no permutation is left.

// CHECK-LABEL: func @main
// CHECK-SAME: (%[[P:.*]]: tensor<2x8x12x3xui8>) -> tensor<2x8x12x3xf32>
// CHECK-NEXT: %[[N:.*]] = oriel.normalize_image %[[P]] {mean = array<f64: 5.000000e-01, 2.500000e-01, 1.250000e-01>, std = array<f64: 5.000000e-01, 2.500000e-01, 2.000000e+00>}
// CHECK-NEXT: oriel.silu %[[N]]
module attributes {oriel.preprocessing = {crop_pct = 1.0 : f64, input_size = array<i64: 3, 8, 12>, interpolation = "bicubic", mean = array<f64: 0.5, 0.25, 0.125>, std = array<f64: 0.5, 0.25, 2.0>}} {
  func.func @main(%image: tensor<2x3x8x12xf32>) -> tensor<2x8x12x3xf32> {
    %p = oriel.permute %image {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x3x8x12xf32>) -> tensor<2x8x12x3xf32>
    %y = oriel.silu %p : (tensor<2x8x12x3xf32>) -> tensor<2x8x12x3xf32>
    return %y : tensor<2x8x12x3xf32>
  }
}

// -----

// Whoever reads it otherwise gets its planes; another input stays.

// CHECK-LABEL: func @main
// CHECK-SAME: (%[[P:.*]]: tensor<1x4x4x3xui8>, %[[Y:.*]]: tensor<1x16xf32>)
// CHECK-NEXT: %[[N:.*]] = oriel.normalize_image %[[P]]
// CHECK-NEXT: %[[I:.*]] = oriel.permute %[[N]] {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x3xf32>) -> tensor<1x3x4x4xf32>
// CHECK-NEXT: %[[S:.*]] = oriel.silu %[[I]]
// CHECK-NEXT: %[[G:.*]] = oriel.gelu %[[N]]
// CHECK-NEXT: return %[[S]], %[[G]], %[[Y]]
module attributes {oriel.preprocessing = {crop_pct = 1.0 : f64, input_size = array<i64: 3, 4, 4>, interpolation = "bicubic", mean = array<f64: 0.0, 0.0, 0.0>, std = array<f64: 1.0, 1.0, 1.0>}} {
  func.func @main(%image: tensor<1x3x4x4xf32>, %y: tensor<1x16xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x4x4x3xf32>, tensor<1x16xf32>) {
    %s = oriel.silu %image : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    %p = oriel.permute %image {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x4x4xf32>) -> tensor<1x4x4x3xf32>
    %g = oriel.gelu %p : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
    return %s, %g, %y : tensor<1x3x4x4xf32>, tensor<1x4x4x3xf32>, tensor<1x16xf32>
  }
}

// -----

// Must not change: pixels are taken already.

// CHECK-LABEL: func @main
// CHECK-SAME: (%[[P:.*]]: tensor<1x4x4x3xui8>)
// CHECK-NEXT: %[[N:.*]] = oriel.normalize_image %[[P]]
// CHECK-NEXT: return %[[N]]
func.func @main(%p: tensor<1x4x4x3xui8>) -> tensor<1x4x4x3xf32> {
  %n = oriel.normalize_image %p {mean = array<f64: 0.0, 0.0, 0.0>, std = array<f64: 1.0, 1.0, 1.0>} : (tensor<1x4x4x3xui8>) -> tensor<1x4x4x3xf32>
  return %n : tensor<1x4x4x3xf32>
}

// -----

// Must not change: how an image is normalised is not said, or of another one.

// expected-error@+1 {{the module does not say how bytes are normalised: compile it for an input of float32, or give it oriel.preprocessing}}
module {
  func.func @main(%image: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
    return %image : tensor<1x3x4x4xf32>
  }
}

// -----

// expected-error@+1 {{the first input, 'tensor<1x3x4x5xf32>', is not the image of 3x4x4 that oriel.preprocessing makes: compile it for an input of float32}}
module attributes {oriel.preprocessing = {crop_pct = 1.0 : f64, input_size = array<i64: 3, 4, 4>, interpolation = "bicubic", mean = array<f64: 0.0, 0.0, 0.0>, std = array<f64: 1.0, 1.0, 1.0>}} {
  func.func @main(%image: tensor<1x3x4x5xf32>) -> tensor<1x3x4x5xf32> {
    return %image : tensor<1x3x4x5xf32>
  }
}

// -----

// expected-error@+1 {{oriel.preprocessing: mean is missing or malformed}}
module attributes {oriel.preprocessing = {crop_pct = 1.0 : f64, input_size = array<i64: 3, 4, 4>, interpolation = "bicubic", std = array<f64: 1.0, 1.0, 1.0>}} {
  func.func @main(%image: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
    return %image : tensor<1x3x4x4xf32>
  }
}

// -----

// expected-error@+1 {{the module has no func.func @main with an input}}
module {
}
