// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// One function for each way to break a constraint; @conv2d_c5 breaks (C5) of conv2d in SPEC.md. MLIR's verifier adds a
// second line to the first.

func.func @roll_c1(%x: tensor<4x4x3xf32>) {
  // expected-error@+2 {{roll (C1): input has rank 3 (4x4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.roll %x {shift = array<i64: 1, 1>} : (tensor<4x4x3xf32>) -> tensor<4x4x3xf32>
  return
}

// -----

func.func @roll_c2(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{roll (C2): shift must be two numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.roll %x {shift = array<i64: 1>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_partition_c1(%x: tensor<4x4x3xf32>) {
  // expected-error@+2 {{window_partition (C1): input has rank 3 (4x4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_partition %x {window = array<i64: 2, 2>} : (tensor<4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_partition_c2(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{window_partition (C2): window must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_partition %x {window = array<i64: 0, 2>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_partition_c3(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{window_partition (C3): window 2x3 does not tile a map of 4x4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_partition %x {window = array<i64: 2, 3>} : (tensor<1x4x4x3xf32>) -> tensor<1x2x6x3xf32>
  return
}

// -----

func.func @window_reverse_c1(%x: tensor<4x4x3xf32>) {
  // expected-error@+2 {{window_reverse (C1): input has rank 3 (4x4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_reverse %x {window = array<i64: 2, 2>, map = array<i64: 4, 4>} : (tensor<4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_reverse_c2(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{window_reverse (C2): window must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_reverse %x {window = array<i64: 2>, map = array<i64: 4, 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_reverse_c3(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{window_reverse (C3): window 3x2 does not tile a map of 4x4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_reverse %x {window = array<i64: 3, 2>, map = array<i64: 4, 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_reverse_c4(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{window_reverse (C4): map must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_reverse %x {window = array<i64: 2, 2>, map = array<i64: 4, -4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @window_reverse_c5(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{window_reverse (C5): input is 1x4x4x3, a map of 4x8 needs 8 groups of 4 tokens}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.window_reverse %x {window = array<i64: 2, 2>, map = array<i64: 4, 8>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x8x3xf32>
  return
}

// -----

func.func @unfold_patches_c1(%x: tensor<4x4x3xf32>) {
  // expected-error@+2 {{unfold_patches (C1): input has rank 3 (4x4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.unfold_patches %x {patch = array<i64: 2, 2>} : (tensor<4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @unfold_patches_c2(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{unfold_patches (C2): patch must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.unfold_patches %x {patch = array<i64: 2, 2, 2>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @unfold_patches_c3(%x: tensor<1x7x7x3xf32>) {
  // expected-error@+2 {{unfold_patches (C3): patch 2x2 does not tile a map of 7x7}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.unfold_patches %x {patch = array<i64: 2, 2>} : (tensor<1x7x7x3xf32>) -> tensor<1x4x9x3xf32>
  return
}

// -----

func.func @fold_patches_c1(%x: tensor<4x4x3xf32>) {
  // expected-error@+2 {{fold_patches (C1): input has rank 3 (4x4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.fold_patches %x {patch = array<i64: 2, 2>, map = array<i64: 4, 4>} : (tensor<4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @fold_patches_c2(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{fold_patches (C2): patch must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.fold_patches %x {patch = array<i64: -2, 2>, map = array<i64: 4, 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @fold_patches_c3(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{fold_patches (C3): patch 2x2 does not tile a map of 4x5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.fold_patches %x {patch = array<i64: 2, 2>, map = array<i64: 4, 5>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x5x3xf32>
  return
}

// -----

func.func @fold_patches_c4(%x: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{fold_patches (C4): map must be two positive numbers}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.fold_patches %x {patch = array<i64: 2, 2>, map = array<i64: 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return
}

// -----

func.func @fold_patches_c5(%x: tensor<1x4x8x3xf32>) {
  // expected-error@+2 {{fold_patches (C5): input is 1x4x8x3, a map of 4x8 needs 8 groups of 4 tokens}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.fold_patches %x {patch = array<i64: 2, 4>, map = array<i64: 4, 8>} : (tensor<1x4x8x3xf32>) -> tensor<1x4x8x3xf32>
  return
}

// -----

func.func @patch_merge_c1(%x: tensor<4x4x3xf32>) {
  // expected-error@+2 {{patch_merge (C1): input has rank 3 (4x4x3), expected 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.patch_merge %x : (tensor<4x4x3xf32>) -> tensor<2x2x12xf32>
  return
}

// -----

func.func @patch_merge_c2(%x: tensor<1x4x7x3xf32>) {
  // expected-error@+2 {{patch_merge (C2): input 1x4x7x3 has an odd height or width}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = oriel.patch_merge %x : (tensor<1x4x7x3xf32>) -> tensor<1x2x3x12xf32>
  return
}
