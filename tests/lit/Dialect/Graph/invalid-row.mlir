// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// One function for each way to break a constraint; @conv2d_c5 breaks (C5) of conv2d in SPEC.md. MLIR's verifier adds a
// second line to the first.

func.func @add_c1(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@+2 {{add (C1): shapes 2x3 and 2 do not broadcast}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.add %x, %y : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<f32>, %p: tensor<1xf32>) {
  // expected-error@+2 {{layer_norm (C1): input has rank 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.layer_norm %x, %p, %p {epsilon = 1.0e-05 : f64} : (tensor<f32>, tensor<1xf32>, tensor<1xf32>) -> tensor<f32>
  return
}

// -----

func.func @layer_norm_c2(%x: tensor<2x3xf32>, %p: tensor<3xf32>, %q: tensor<2xf32>) {
  // expected-error@+2 {{layer_norm (C2): gamma is 2, expected 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.layer_norm %x, %q, %p {epsilon = 1.0e-05 : f64} : (tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c2_beta(%x: tensor<2x3xf32>, %p: tensor<3xf32>, %q: tensor<2xf32>) {
  // expected-error@+2 {{layer_norm (C2): beta is 2, expected 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.layer_norm %x, %p, %q {epsilon = 1.0e-05 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @linear_c1(%x: tensor<f32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{linear (C1): input has rank 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.linear %x, %w : (tensor<f32>, tensor<4x3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @linear_c2(%x: tensor<2x3xf32>, %w: tensor<3xf32>) {
  // expected-error@+2 {{linear (C2): weight has rank 1 (3), expected 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.linear %x, %w : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @linear_c3(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{linear (C3): input 2x3 has rows of 3, weight 3x4 expects 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.linear %x, %w : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @linear_c4(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{linear (C4): bias is 3, expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.linear %x, %w, %b : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  return
}
