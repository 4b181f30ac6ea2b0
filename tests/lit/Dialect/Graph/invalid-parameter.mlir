// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// One function for each way to break a constraint; @conv2d_c5 breaks (C5) of conv2d in SPEC.md. MLIR's verifier adds a
// second line to the first.

func.func @batch_norm_scale_c1(%g: tensor<2x2xf32>) {
  // expected-error@+2 {{batch_norm_scale (C1): gamma has rank 2 (2x2), expected 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm_scale %g, %g {epsilon = 1.0e-05 : f64} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @batch_norm_scale_c2(%g: tensor<2xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{batch_norm_scale (C2): variance is 3, expected 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm_scale %g, %v {epsilon = 1.0e-05 : f64} : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @batch_norm_offset_c1(%b: tensor<2x1xf32>) {
  // expected-error@+2 {{batch_norm_offset (C1): beta has rank 2 (2x1), expected 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm_offset %b, %b, %b : (tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @batch_norm_offset_c2(%b: tensor<2xf32>, %m: tensor<3xf32>) {
  // expected-error@+2 {{batch_norm_offset (C2): mean is 3, expected 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm_offset %b, %m, %b : (tensor<2xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @batch_norm_offset_c2_scale(%b: tensor<2xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{batch_norm_offset (C2): scale is 1, expected 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm_offset %b, %b, %s : (tensor<2xf32>, tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @batch_norm_offset_c2_bias(%b: tensor<2xf32>, %d: tensor<4xf32>) {
  // expected-error@+2 {{batch_norm_offset (C2): bias is 4, expected 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.batch_norm_offset %b, %b, %b, %d : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @scale_filters_c1(%f: tensor<f32>) {
  // expected-error@+2 {{scale_filters (C1): filter has rank 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.scale_filters %f, %f : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @scale_filters_c2(%f: tensor<4x2xf32>, %s: tensor<2xf32>) {
  // expected-error@+2 {{scale_filters (C2): scale is 2, expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.scale_filters %f, %s : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @relative_position_bias_c1(%t: tensor<9x1xf32>) {
  // expected-error@+2 {{relative_position_bias (C1): window must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.relative_position_bias %t {window = array<i64: 2, 0>} : (tensor<9x1xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @relative_position_bias_c2(%t: tensor<9xf32>) {
  // expected-error@+2 {{relative_position_bias (C2): table has rank 1 (9), expected 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.relative_position_bias %t {window = array<i64: 2, 2>} : (tensor<9xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @relative_position_bias_c3(%t: tensor<9x1xf32>) {
  // expected-error@+2 {{relative_position_bias (C3): table is 9x1, a window of 2x3 needs 15 rows}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.relative_position_bias %t {window = array<i64: 2, 3>} : (tensor<9x1xf32>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @shift_mask_c1() {
  // expected-error@+2 {{shift_mask (C1): map and window must be two positive numbers each}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.shift_mask {map = array<i64: 4>, window = array<i64: 2, 2>, shift = array<i64: 1, 1>} : () -> tensor<4x1x4x4xf32>
  return
}

// -----

func.func @shift_mask_c2() {
  // expected-error@+2 {{shift_mask (C2): windows of 2x2 do not tile a map of 4x5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.shift_mask {map = array<i64: 4, 5>, window = array<i64: 2, 2>, shift = array<i64: 1, 1>} : () -> tensor<4x1x4x4xf32>
  return
}

// -----

func.func @shift_mask_c3() {
  // expected-error@+2 {{shift_mask (C3): shift must be two numbers from 0 to the window's size less one}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.shift_mask {map = array<i64: 4, 4>, window = array<i64: 2, 2>, shift = array<i64: 1, 2>} : () -> tensor<4x1x4x4xf32>
  return
}

// -----

func.func @pack_c1(%w: tensor<2x3x4xf32>) {
  // expected-error@+2 {{pack (C1): input has rank 3, expected 1, 2 or 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.pack %w : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32, #oriel.panels>
  return
}

// -----

func.func @pack_c2(%w: tensor<2x3xf32, #oriel.panels>) {
  // expected-error@+2 {{pack (C2): input is packed already}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.pack %w : (tensor<2x3xf32, #oriel.panels>) -> tensor<2x3xf32, #oriel.panels>
  return
}

// -----

func.func @pack_c3(%w: tensor<4x2x3x3xf32>) {
  // expected-error@+2 {{pack (C3): input is 4x2x3x3, a depthwise filter is Cx1 by its height and width}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.pack %w {depthwise} : (tensor<4x2x3x3xf32>) -> tensor<4x2x3x3xf32, #oriel.panels<depthwise>>
  return
}
