// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// What holds for every op: tensors of static, positive sizes of f32, and the result type that follows from the operands.

func.func @dynamic_size(%x: tensor<?x4xf32>) {
  // expected-error@+1 {{operand #0 must be tensor of static, positive sizes of 32-bit float values}}
  %0 = oriel.silu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @empty(%x: tensor<1x0x4x3xf32>) {
  // expected-error@+1 {{operand #0 must be tensor of static, positive sizes of 32-bit float values}}
  %0 = oriel.roll %x {shift = array<i64: 1, 1>} : (tensor<1x0x4x3xf32>) -> tensor<1x0x4x3xf32>
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error@+1 {{operand #0 must be tensor of static, positive sizes of 32-bit float values}}
  %0 = oriel.silu %x : (tensor<*xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @other_element_type(%x: tensor<4xf16>) {
  // expected-error@+1 {{operand #0 must be tensor of static, positive sizes of 32-bit float values}}
  %0 = oriel.silu %x : (tensor<4xf16>) -> tensor<4xf16>
  return
}

// -----

func.func @result_type_does_not_follow(%x: tensor<1x4x6x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<1x2x3x12xf32>' are incompatible with return type(s) of operation 'tensor<1x3x2x12xf32>'}}
  %0 = oriel.patch_merge %x : (tensor<1x4x6x3xf32>) -> tensor<1x3x2x12xf32>
  return
}

// -----

// expected-error@+1 {{expected 'depthwise'}}
func.func @unknown_panels(%w: tensor<4x1x3x3xf32, #oriel.panels<dense>>)

// -----

func.func @pixels_of_other_ops(%x: tensor<1x4x4x3xui8>) {
  // expected-error@+1 {{operand #0 must be tensor of static, positive sizes of 32-bit float values}}
  %0 = oriel.silu %x : (tensor<1x4x4x3xui8>) -> tensor<1x4x4x3xui8>
  return
}

// -----

func.func @signed_pixels(%x: tensor<1x4x4x3xi8>) {
  // expected-error@+1 {{operand #0 must be tensor of static, positive sizes of 8-bit unsigned integer values}}
  %0 = oriel.normalize_image %x {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x4x4x3xi8>) -> tensor<1x4x4x3xf32>
  return
}
