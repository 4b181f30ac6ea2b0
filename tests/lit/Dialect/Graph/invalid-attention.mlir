// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// One function for each way to break a constraint; @conv2d_c5 breaks (C5) of conv2d in SPEC.md. MLIR's verifier adds a
// second line to the first.

func.func @split_heads_c1(%x: tensor<4x6xf32>) {
  // expected-error@+2 {{split_heads (C1): input has rank 2 (4x6), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.split_heads %x {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<4x6xf32>) -> tensor<1x1x2x4x1xf32>
  return
}

// -----

func.func @split_heads_c2(%x: tensor<1x1x4x6xf32>) {
  // expected-error@+2 {{split_heads (C2): heads and parts must be positive}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.split_heads %x {heads = 0 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x1x4x6xf32>) -> tensor<1x1x2x4x1xf32>
  return
}

// -----

func.func @split_heads_c3(%x: tensor<1x1x4x6xf32>) {
  // expected-error@+2 {{split_heads (C3): part 3 is not one of 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.split_heads %x {heads = 2 : i64, part = 3 : i64, parts = 3 : i64} : (tensor<1x1x4x6xf32>) -> tensor<1x1x2x4x1xf32>
  return
}

// -----

func.func @split_heads_c4(%x: tensor<1x1x4x8xf32>) {
  // expected-error@+2 {{split_heads (C4): 8 channels are not 3 parts of 2 equal heads}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.split_heads %x {heads = 2 : i64, part = 0 : i64, parts = 3 : i64} : (tensor<1x1x4x8xf32>) -> tensor<1x1x2x4x1xf32>
  return
}

// -----

func.func @merge_heads_c1(%x: tensor<1x1x4x8xf32>) {
  // expected-error@+2 {{merge_heads (C1): input has rank 4 (1x1x4x8), expected 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.merge_heads %x : (tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return
}

// -----

func.func @matmul_c1(%x: tensor<2x4x3xf32>, %y: tensor<1x3x4xf32>) {
  // expected-error@+2 {{matmul (C1): operands 2x4x3 and 1x3x4 need equal leading dimensions and rank 2 or more}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.matmul %x, %y : (tensor<2x4x3xf32>, tensor<1x3x4xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @matmul_c1_rank(%x: tensor<3xf32>) {
  // expected-error@+2 {{matmul (C1): operands 3 and 3 need equal leading dimensions and rank 2 or more}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.matmul %x, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @matmul_c2(%x: tensor<4x3xf32>, %y: tensor<4x3xf32>) {
  // expected-error@+2 {{matmul (C2): lhs 4x3 has 3 columns, rhs 4x3 expects 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.matmul %x, %y : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @matmul_c2_transposed(%x: tensor<4x3xf32>, %y: tensor<3x4xf32>) {
  // expected-error@+2 {{matmul (C2): lhs 4x3 has 3 columns, rhs 3x4 expects 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.matmul %x, %y {transpose_rhs} : (tensor<4x3xf32>, tensor<3x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @softmax_c1(%x: tensor<f32>) {
  // expected-error@+2 {{softmax (C1): input has rank 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.softmax %x : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @add_window_bias_c1(%x: tensor<1x3x4x4xf32>, %t: tensor<1x3x4x4xf32>) {
  // expected-error@+2 {{add_window_bias (C1): scores has rank 4 (1x3x4x4), expected 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.add_window_bias %x, %t {windows = array<i64: 1, 1>} : (tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @add_window_bias_c1_table(%x: tensor<1x1x3x4x4xf32>, %t: tensor<3x4x4xf32>) {
  // expected-error@+2 {{add_window_bias (C1): table has rank 3 (3x4x4), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.add_window_bias %x, %t {windows = array<i64: 1, 1>} : (tensor<1x1x3x4x4xf32>, tensor<3x4x4xf32>) -> tensor<1x1x3x4x4xf32>
  return
}

// -----

func.func @add_window_bias_c2(%x: tensor<1x6x3x4x4xf32>, %t: tensor<4x3x4x4xf32>) {
  // expected-error@+2 {{add_window_bias (C2): windows must be two numbers with the product 6}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.add_window_bias %x, %t {windows = array<i64: 2, 2>} : (tensor<1x6x3x4x4xf32>, tensor<4x3x4x4xf32>) -> tensor<1x6x3x4x4xf32>
  return
}

// -----

func.func @add_window_bias_c3(%x: tensor<1x4x3x4x4xf32>, %t: tensor<2x3x4x4xf32>) {
  // expected-error@+2 {{add_window_bias (C3): table has 2 classes, expected 1 or 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.add_window_bias %x, %t {windows = array<i64: 2, 2>} : (tensor<1x4x3x4x4xf32>, tensor<2x3x4x4xf32>) -> tensor<1x4x3x4x4xf32>
  return
}

// -----

func.func @add_window_bias_c4(%x: tensor<1x4x3x4x4xf32>, %t: tensor<4x2x4x4xf32>) {
  // expected-error@+2 {{add_window_bias (C4): table 4x2x4x4 does not fit scores 1x4x3x4x4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.add_window_bias %x, %t {windows = array<i64: 2, 2>} : (tensor<1x4x3x4x4xf32>, tensor<4x2x4x4xf32>) -> tensor<1x4x3x4x4xf32>
  return
}
