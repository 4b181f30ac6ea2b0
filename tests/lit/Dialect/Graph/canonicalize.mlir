// RUN: oriel-opt %s -canonicalize | FileCheck %s
//
// Each fold, and what is almost one.

// CHECK-LABEL: @identity_permute
// CHECK-NEXT:    return %arg0
func.func @identity_permute(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  %0 = oriel.permute %x {permutation = array<i64: 0, 1, 2>} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  return %0 : tensor<1x2x3xf32>
}

// CHECK-LABEL: @permute_of_equal_shape_stays
// CHECK:         oriel.permute
func.func @permute_of_equal_shape_stays(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = oriel.permute %x {permutation = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// CHECK-LABEL: @scale_by_one
// CHECK-NEXT:    return %arg0
func.func @scale_by_one(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = oriel.scale %x {factor = 1.0 : f64} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @scale_by_minus_one_stays
// CHECK:         oriel.scale
func.func @scale_by_minus_one_stays(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = oriel.scale %x {factor = -1.0 : f64} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @roll_by_whole_maps
// CHECK-NEXT:    return %arg0
func.func @roll_by_whole_maps(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.roll %x {shift = array<i64: -4, 12>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %0 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @roll_there_and_back
// CHECK-NEXT:    return %arg0
func.func @roll_there_and_back(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.roll %x {shift = array<i64: -1, -2>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.roll %0 {shift = array<i64: 1, 8>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @roll_back_in_one_dimension_stays
// CHECK-COUNT-2: oriel.roll
func.func @roll_back_in_one_dimension_stays(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.roll %x {shift = array<i64: -1, -2>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.roll %0 {shift = array<i64: 1, 4>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @reverse_of_partition
// CHECK-NEXT:    return %arg0
func.func @reverse_of_partition(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.window_partition %x {window = array<i64: 2, 3>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.window_reverse %0 {window = array<i64: 2, 3>, map = array<i64: 4, 6>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @reverse_to_another_map_stays
// CHECK:         oriel.window_partition
// CHECK:         oriel.window_reverse
func.func @reverse_to_another_map_stays(%x: tensor<1x4x6x3xf32>) -> tensor<1x2x12x3xf32> {
  %0 = oriel.window_partition %x {window = array<i64: 2, 3>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.window_reverse %0 {window = array<i64: 2, 3>, map = array<i64: 2, 12>} : (tensor<1x4x6x3xf32>) -> tensor<1x2x12x3xf32>
  return %1 : tensor<1x2x12x3xf32>
}

// CHECK-LABEL: @reverse_of_another_window_stays
// CHECK:         oriel.window_partition
// CHECK:         oriel.window_reverse
func.func @reverse_of_another_window_stays(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32> {
  %0 = oriel.window_partition %x {window = array<i64: 1, 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %1 = oriel.window_reverse %0 {window = array<i64: 2, 2>, map = array<i64: 4, 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return %1 : tensor<1x4x4x3xf32>
}

// CHECK-LABEL: @partition_of_reverse
// CHECK-NEXT:    return %arg0
func.func @partition_of_reverse(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.window_reverse %x {window = array<i64: 2, 3>, map = array<i64: 4, 6>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.window_partition %0 {window = array<i64: 2, 3>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @partition_into_other_windows_stays
// CHECK:         oriel.window_reverse
// CHECK:         oriel.window_partition
func.func @partition_into_other_windows_stays(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.window_reverse %x {window = array<i64: 2, 3>, map = array<i64: 4, 6>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.window_partition %0 {window = array<i64: 1, 6>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @fold_of_unfold
// CHECK-NEXT:    return %arg0
func.func @fold_of_unfold(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.unfold_patches %x {patch = array<i64: 2, 2>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.fold_patches %0 {patch = array<i64: 2, 2>, map = array<i64: 4, 6>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// CHECK-LABEL: @unfold_of_fold
// CHECK-NEXT:    return %arg0
func.func @unfold_of_fold(%x: tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32> {
  %0 = oriel.fold_patches %x {patch = array<i64: 2, 2>, map = array<i64: 4, 6>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  %1 = oriel.unfold_patches %0 {patch = array<i64: 2, 2>} : (tensor<1x4x6x3xf32>) -> tensor<1x4x6x3xf32>
  return %1 : tensor<1x4x6x3xf32>
}

// Windows and patches of one shape are not each other's inverse.
// CHECK-LABEL: @window_reverse_of_unfold_stays
// CHECK:         oriel.unfold_patches
// CHECK:         oriel.window_reverse
func.func @window_reverse_of_unfold_stays(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32> {
  %0 = oriel.unfold_patches %x {patch = array<i64: 2, 2>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %1 = oriel.window_reverse %0 {window = array<i64: 2, 2>, map = array<i64: 4, 4>} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return %1 : tensor<1x4x4x3xf32>
}

// CHECK-LABEL: @unused_ops
// CHECK-NEXT:    return
func.func @unused_ops(%x: tensor<4xf32>) {
  %w = oriel.param "w" : tensor<4xf32>
  %p = oriel.prepared "w" : tensor<4xf32>
  %0 = oriel.add %x, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = oriel.kernel (%a = %p : tensor<4xf32>) -> tensor<4xf32> {
    %s = oriel.silu %a : (tensor<4xf32>) -> tensor<4xf32>
    oriel.yield %s : tensor<4xf32>
  }
  return
}

// CHECK-LABEL: @store_prepared_stays
// CHECK:         oriel.store_prepared
func.func @store_prepared_stays() {
  %w = oriel.param "w" : tensor<4xf32>
  oriel.store_prepared %w, "w" : tensor<4xf32>
  return
}
