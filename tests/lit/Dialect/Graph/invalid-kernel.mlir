// RUN: oriel-opt %s -verify-diagnostics -split-input-file
//
// One function for each way to break a constraint of SPEC.md. The text form cannot break (C1), the generic one can.

func.func @kernel_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{'oriel.kernel' op (C1): block arguments do not have the operands' types}}
  %0 = "oriel.kernel"(%x) ({
  ^bb0(%a: tensor<8xf32>):
    oriel.yield %a : tensor<8xf32>
  }) : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @kernel_c1_count(%x: tensor<4xf32>) {
  // expected-error@+1 {{'oriel.kernel' op (C1): block arguments do not have the operands' types}}
  %0 = "oriel.kernel"(%x, %x) ({
  ^bb0(%a: tensor<4xf32>):
    oriel.yield %a : tensor<4xf32>
  }) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @kernel_c2(%x: tensor<4xf32>) {
  // expected-error@+1 {{'oriel.kernel' op (C2): yielded values do not have the results' types}}
  %0 = oriel.kernel (%a = %x : tensor<4xf32>) -> tensor<8xf32> {
    oriel.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_is_isolated(%x: tensor<4xf32>) {
  // expected-note@+1 {{required by region isolation constraints}}
  %0 = oriel.kernel (%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    // expected-error@+1 {{using value defined outside the region}}
    %1 = oriel.silu %x : (tensor<4xf32>) -> tensor<4xf32>
    oriel.yield %1 : tensor<4xf32>
  }
  return
}

// -----

func.func @yield_outside_of_a_kernel() {
  // expected-error@+1 {{'oriel.yield' op expects parent op 'oriel.kernel'}}
  oriel.yield
}
