// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// One function for each way to break a constraint; @conv2d_c5 breaks (C5) of conv2d in SPEC.md. MLIR's verifier adds a
// second line to the first.

func.func @conv2d_c1(%x: tensor<8x8x3xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{conv2d (C1): input has rank 3 (8x8x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>} : (tensor<8x8x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @conv2d_c1_filter(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{conv2d (C1): filter has rank 2 (4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>} : (tensor<1x8x8x3xf32>, tensor<4x3xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @conv2d_c2(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{conv2d (C2): strides must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 0>, padding = array<i64: 0, 0>} : (tensor<1x8x8x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @conv2d_c3(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{conv2d (C3): padding must be two numbers, not negative}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: -1, 0>} : (tensor<1x8x8x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @conv2d_c4(%x: tensor<1x8x8x4xf32>, %w: tensor<3x2x1x1xf32>) {
  // expected-error@+2 {{conv2d (C4): 2 groups do not divide 4 input and 3 output channels}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<3x2x1x1xf32>) -> tensor<1x8x8x3xf32>
  return
}

// -----

func.func @conv2d_c5(%x: tensor<1x8x8x3xf32>, %w: tensor<4x6x1x1xf32>) {
  // expected-error@+2 {{conv2d (C5): input 1x8x8x3 has 3 channels, filter 4x6x1x1 with 1 groups expects 6}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>} : (tensor<1x8x8x3xf32>, tensor<4x6x1x1xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @conv2d_c6(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x1x1xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{conv2d (C6): bias is 3, expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w, %b {strides = array<i64: 1, 1>, padding = array<i64: 0, 0>} : (tensor<1x8x8x3xf32>, tensor<4x3x1x1xf32>, tensor<3xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @conv2d_c7(%x: tensor<1x8x1x3xf32>, %w: tensor<4x3x4x4xf32>) {
  // expected-error@+2 {{conv2d (C7): filter 4x3x4x4 is larger than the padded input 1x8x1x3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.conv2d %x, %w {strides = array<i64: 1, 1>, padding = array<i64: 1, 1>} : (tensor<1x8x1x3xf32>, tensor<4x3x4x4xf32>) -> tensor<1x7x1x4xf32>
  return
}

// -----

func.func @batch_norm_c1(%x: tensor<f32>, %p: tensor<1xf32>) {
  // expected-error@+2 {{batch_norm (C1): input has rank 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm %x, %p, %p, %p, %p {epsilon = 1.0e-05 : f64} : (tensor<f32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<f32>
  return
}

// -----

func.func @batch_norm_c2(%x: tensor<2x3xf32>, %p: tensor<3xf32>, %q: tensor<2xf32>) {
  // expected-error@+2 {{batch_norm (C2): gamma is 2, expected 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm %x, %q, %p, %p, %p {epsilon = 1.0e-05 : f64} : (tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_c2_beta(%x: tensor<2x3xf32>, %p: tensor<3xf32>, %q: tensor<2xf32>) {
  // expected-error@+2 {{batch_norm (C2): beta is 2, expected 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm %x, %p, %q, %p, %p {epsilon = 1.0e-05 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<2xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_c2_mean(%x: tensor<2x3xf32>, %p: tensor<3xf32>, %q: tensor<2xf32>) {
  // expected-error@+2 {{batch_norm (C2): mean is 2, expected 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm %x, %p, %p, %q, %p {epsilon = 1.0e-05 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_c2_variance(%x: tensor<2x3xf32>, %p: tensor<3xf32>, %q: tensor<2xf32>) {
  // expected-error@+2 {{batch_norm (C2): variance is 2, expected 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm %x, %p, %p, %p, %q {epsilon = 1.0e-05 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @concat_c1() {
  // expected-error@+2 {{concat (C1): no operands}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.concat : () -> tensor<1xf32>
  return
}

// -----

func.func @concat_c2(%x: tensor<f32>) {
  // expected-error@+2 {{concat (C2): operand 0 has rank 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.concat %x : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @concat_c3(%x: tensor<2x3xf32>, %y: tensor<3x3xf32>) {
  // expected-error@+2 {{concat (C3): operand 1 is 3x3, operand 0 2x3: all but the last dimension must agree}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.concat %x, %y : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @concat_c3_rank(%x: tensor<2x3xf32>, %y: tensor<3xf32>) {
  // expected-error@+2 {{concat (C3): operand 1 is 3, operand 0 2x3: all but the last dimension must agree}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.concat %x, %y : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @global_avg_pool_c1(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{global_avg_pool (C1): input has rank 2 (2x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.global_avg_pool %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @permute_c1(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{permute (C1): permutation must name each of 2 dimensions once}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.permute %x {permutation = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @permute_c1_length(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{permute (C1): permutation must name each of 2 dimensions once}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.permute %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3xf32>) -> tensor<3x2x1xf32>
  return
}

// -----

func.func @winograd_filter_c1(%w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{winograd_filter (C1): filter has rank 3 (4x3x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_filter %w : (tensor<4x3x3xf32>) -> tensor<4x3x4x4xf32>
  return
}

// -----

func.func @winograd_filter_c2(%w: tensor<4x3x5x3xf32>) {
  // expected-error@+2 {{winograd_filter (C2): filter is 4x3x5x3, expected 3x3 in its last two dimensions}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_filter %w : (tensor<4x3x5x3xf32>) -> tensor<4x3x4x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c1(%x: tensor<8x8x3xf32>, %w: tensor<4x3x4x4xf32>) {
  // expected-error@+2 {{winograd_conv2d (C1): input has rank 3 (8x8x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w {padding = array<i64: 1, 1>} : (tensor<8x8x3xf32>, tensor<4x3x4x4xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c1_filter(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{winograd_conv2d (C1): filter has rank 2 (4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w {padding = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<4x3xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c2(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error@+2 {{winograd_conv2d (C2): filter is 4x3x3x3, expected 4x4 in its last two dimensions}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w {padding = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c3(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x4x4xf32>) {
  // expected-error@+2 {{winograd_conv2d (C3): padding must be two numbers, not negative}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w {padding = array<i64: 1, -1>} : (tensor<1x8x8x3xf32>, tensor<4x3x4x4xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c4(%x: tensor<1x8x8x3xf32>, %w: tensor<4x6x4x4xf32>) {
  // expected-error@+2 {{winograd_conv2d (C4): input 1x8x8x3 has 3 channels, filter 4x6x4x4 expects 6}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w {padding = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<4x6x4x4xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c5(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x4x4xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{winograd_conv2d (C5): bias is 3, expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w, %b {padding = array<i64: 1, 1>} : (tensor<1x8x8x3xf32>, tensor<4x3x4x4xf32>, tensor<3xf32>) -> tensor<1x8x8x4xf32>
  return
}

// -----

func.func @winograd_conv2d_c6(%x: tensor<1x2x8x3xf32>, %w: tensor<4x3x4x4xf32>) {
  // expected-error@+2 {{winograd_conv2d (C6): a 3x3 filter is larger than the padded input 1x2x8x3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.winograd_conv2d %x, %w {padding = array<i64: 0, 0>} : (tensor<1x2x8x3xf32>, tensor<4x3x4x4xf32>) -> tensor<1x1x6x4xf32>
  return
}

// -----

func.func @normalize_image_c1(%x: tensor<8x8x3xui8>) {
  // expected-error@+2 {{normalize_image (C1): pixels has rank 3 (8x8x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<8x8x3xui8>) -> tensor<8x8x3xf32>
  return
}

// -----

func.func @normalize_image_c2(%x: tensor<1x8x8x3xui8>) {
  // expected-error@+2 {{normalize_image (C2): mean and std must be 3 numbers each, one for each channel}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32>
  return
}

// -----

func.func @normalize_image_c2_std(%x: tensor<1x8x8x3xui8>) {
  // expected-error@+2 {{normalize_image (C2): mean and std must be 3 numbers each, one for each channel}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5>} : (tensor<1x8x8x3xui8>) -> tensor<1x8x8x3xf32>
  return
}

// -----

func.func @normalize_image_c3(%x: tensor<1x8x8x1xui8>) {
  // expected-error@+2 {{normalize_image (C3): mean must be finite, std finite and positive}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0.5>, std = array<f64: 0.0>} : (tensor<1x8x8x1xui8>) -> tensor<1x8x8x1xf32>
  return
}

// -----

// Positive, but zero in float32.
func.func @normalize_image_c3_tiny(%x: tensor<1x8x8x1xui8>) {
  // expected-error@+2 {{normalize_image (C3): mean must be finite, std finite and positive}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0.5>, std = array<f64: 1.0e-300>} : (tensor<1x8x8x1xui8>) -> tensor<1x8x8x1xf32>
  return
}

// -----

func.func @normalize_image_c3_mean(%x: tensor<1x8x8x1xui8>) {
  // expected-error@+2 {{normalize_image (C3): mean must be finite, std finite and positive}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0x7FF0000000000000>, std = array<f64: 1.0>} : (tensor<1x8x8x1xui8>) -> tensor<1x8x8x1xf32>
  return
}
