// RUN: oriel-opt %s -split-input-file -verify-diagnostics -graph-to-exec | FileCheck %s

// Arguments and results lie in the caller's memory, what is between in the arena, with rows of whole panels.

// CHECK: exec.kernel @kernel family "gemm"
// CHECK-SAME: !exec.buffer<tensor<2x20xf32>, external>
// CHECK-SAME: !exec.buffer<tensor<24x20xf32, #oriel.panels>, parameter>
// CHECK-SAME: outputs [!exec.buffer<tensor<2x24xf32>, arena, pitch = 32>]
// CHECK: exec.kernel @kernel_0 family "elementwise"
// CHECK: exec.program @main batch = 2
// CHECK-DAG: %[[X:.*]] = exec.input 0
// CHECK-DAG: %[[Y:.*]] = exec.output 0
// CHECK-DAG: %[[W:.*]] = exec.parameter "fc.weight"
// CHECK-DAG: %[[H:.*]] = exec.arena : <tensor<2x24xf32>, arena, pitch = 32>
// CHECK: exec.launch @kernel(%[[X]], %[[W]] : {{.*}}) -> (%[[H]] : {{.*}}) {bytes = 176 : i64, flops = 960 : i64, parameter_bytes = 1920 : i64}
// CHECK: exec.launch @kernel_0(%[[H]] : {{.*}}) -> (%[[Y]] : {{.*}})
func.func @main(%x: tensor<2x20xf32>) -> tensor<2x24xf32> {
  %w = oriel.prepared "fc.weight" : tensor<24x20xf32, #oriel.panels>
  %h = oriel.kernel (%a = %x : tensor<2x20xf32>, %f = %w : tensor<24x20xf32, #oriel.panels>) -> tensor<2x24xf32> {
    %r = oriel.linear %a, %f : (tensor<2x20xf32>, tensor<24x20xf32, #oriel.panels>) -> tensor<2x24xf32>
    oriel.yield %r : tensor<2x24xf32>
  }
  %y = oriel.kernel (%a = %h : tensor<2x24xf32>) -> tensor<2x24xf32> {
    %r = oriel.silu %a : (tensor<2x24xf32>) -> tensor<2x24xf32>
    oriel.yield %r : tensor<2x24xf32>
  }
  return %y : tensor<2x24xf32>
}

// -----

// A launch knows the layers of all that it computes, its anchor's first, and whose result it stores. The batch_norm that
// was folded into the linear is in the linear's location.

// CHECK: exec.launch
// CHECK-SAME: layers = ["head.fc", "head.bn", "head.act"]
// CHECK-SAME: stored_layers = ["head.act"]
func.func @main(%x: tensor<2x20xf32>) -> tensor<2x24xf32> {
  %w = oriel.prepared "fc.weight" : tensor<24x20xf32, #oriel.panels>
  %y = oriel.kernel (%a = %x : tensor<2x20xf32>, %f = %w : tensor<24x20xf32, #oriel.panels>) -> tensor<2x24xf32> {
    %r = oriel.linear %a, %f : (tensor<2x20xf32>, tensor<24x20xf32, #oriel.panels>) -> tensor<2x24xf32> loc(fused["head.fc", "head.bn"])
    %s = oriel.silu %r : (tensor<2x24xf32>) -> tensor<2x24xf32> loc("head.act")
    oriel.yield %s : tensor<2x24xf32>
  } loc("head.fc")
  return %y : tensor<2x24xf32>
}

// -----

// A launch says whether it only moves data.

// CHECK: exec.launch @kernel{{.*}} moves_only
func.func @main(%x: tensor<1x3x4x4xf32>) -> tensor<1x4x4x3xf32> {
  %y = oriel.kernel (%a = %x : tensor<1x3x4x4xf32>) -> tensor<1x4x4x3xf32> {
    %r = oriel.permute %a {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x4x4xf32>) -> tensor<1x4x4x3xf32>
    oriel.yield %r : tensor<1x4x4x3xf32>
  }
  return %y : tensor<1x4x4x3xf32>
}

// -----

func.func @main(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  // expected-error @+1 {{stands outside of a kernel; run form-kernels first}}
  %s = oriel.silu %x : (tensor<1x16xf32>) -> tensor<1x16xf32>
  %y = oriel.kernel (%a = %s : tensor<1x16xf32>) -> tensor<1x16xf32> {
    %r = oriel.silu %a : (tensor<1x16xf32>) -> tensor<1x16xf32>
    oriel.yield %r : tensor<1x16xf32>
  }
  return %y : tensor<1x16xf32>
}

// -----

// Each result has memory of its own: an argument, or what was a result before, is copied there.

// CHECK: exec.program @main
// CHECK: %[[X:.*]] = exec.input 0
// CHECK: %[[A:.*]] = exec.output 0
// CHECK: %[[B:.*]] = exec.output 1
// CHECK: %[[C:.*]] = exec.output 2
// CHECK: exec.launch @kernel(%[[X]] : {{.*}}) -> (%[[A]] : {{.*}})
// CHECK: exec.launch @kernel_0(%[[A]] : {{.*}}) -> (%[[B]] : {{.*}}) {{.*}}moves_only
// CHECK: exec.launch @kernel_1(%[[X]] : {{.*}}) -> (%[[C]] : {{.*}}) {{.*}}moves_only
func.func @main(%x: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>) {
  %y = oriel.kernel (%a = %x : tensor<1x16xf32>) -> tensor<1x16xf32> {
    %r = oriel.silu %a : (tensor<1x16xf32>) -> tensor<1x16xf32>
    oriel.yield %r : tensor<1x16xf32>
  }
  return %y, %y, %x : tensor<1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>
}

// -----

func.func @main(%x: tensor<1x16xf32>) -> tensor<16xf32> {
  %p = oriel.prepared "fc.bias" : tensor<16xf32>
  // expected-error @+1 {{result 0 of @main is not computed by a kernel}}
  return %p : tensor<16xf32>
}

// -----

// Pixels lie in the caller's memory, a byte each.

// CHECK: exec.kernel @kernel family "elementwise" inputs [!exec.buffer<tensor<1x2x2x3xui8>, external>]
// CHECK: %[[X:.*]] = exec.input 0 : <tensor<1x2x2x3xui8>, external>
// CHECK: exec.launch @kernel(%[[X]] : {{.*}}) {bytes = 60 : i64
func.func @main(%x: tensor<1x2x2x3xui8>) -> tensor<1x2x2x3xf32> {
  %y = oriel.kernel (%a = %x : tensor<1x2x2x3xui8>) -> tensor<1x2x2x3xf32> {
    %r = oriel.normalize_image %a {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x2x2x3xui8>) -> tensor<1x2x2x3xf32>
    oriel.yield %r : tensor<1x2x2x3xf32>
  }
  return %y : tensor<1x2x2x3xf32>
}

// -----

func.func @main(%x: tensor<1x2x2x3xui8>) -> tensor<1x2x2x3xui8> {
  // expected-error @+1 {{result 0 of @main is not of float32}}
  return %x : tensor<1x2x2x3xui8>
}

// -----

// expected-error @+1 {{only the caller's memory holds other elements than float32}}
func.func private @buffer() -> !exec.buffer<tensor<1x2x2x3xui8>, arena>

// -----

// expected-error @+1 {{expected f16; what is stored as it is says nothing of it}}
func.func private @buffer() -> !exec.buffer<tensor<1x16xf32>, arena, stored = f32>

// -----

// expected-error @+1 {{only arena and parameter block store a tensor as another element, f16}}
func.func private @buffer() -> !exec.buffer<tensor<1x16xf32>, external, stored = f16>

// -----

// Rows that would lie a multiple of 4 KB apart get one panel more, others do not.

// CHECK: exec.program @main
// CHECK-DAG: exec.arena : <tensor<2x1020xf32>, arena, pitch = 1040>
// CHECK-DAG: exec.arena : <tensor<2x2048xf32>, arena, pitch = 2064>
// CHECK-DAG: exec.arena : <tensor<2x512xf32>, arena>
func.func @main(%x: tensor<2x1020xf32>, %y: tensor<2x2048xf32>, %z: tensor<2x512xf32>) -> (tensor<2x1020xf32>, tensor<2x2048xf32>, tensor<2x512xf32>) {
  %0:3 = oriel.kernel (%a = %x : tensor<2x1020xf32>, %b = %y : tensor<2x2048xf32>, %c = %z : tensor<2x512xf32>) -> tensor<2x1020xf32>, tensor<2x2048xf32>, tensor<2x512xf32> {
    %r = oriel.silu %a : (tensor<2x1020xf32>) -> tensor<2x1020xf32>
    %s = oriel.silu %b : (tensor<2x2048xf32>) -> tensor<2x2048xf32>
    %t = oriel.silu %c : (tensor<2x512xf32>) -> tensor<2x512xf32>
    oriel.yield %r, %s, %t : tensor<2x1020xf32>, tensor<2x2048xf32>, tensor<2x512xf32>
  }
  %1:3 = oriel.kernel (%a = %0#0 : tensor<2x1020xf32>, %b = %0#1 : tensor<2x2048xf32>, %c = %0#2 : tensor<2x512xf32>) -> tensor<2x1020xf32>, tensor<2x2048xf32>, tensor<2x512xf32> {
    %r = oriel.silu %a : (tensor<2x1020xf32>) -> tensor<2x1020xf32>
    %s = oriel.silu %b : (tensor<2x2048xf32>) -> tensor<2x2048xf32>
    %t = oriel.silu %c : (tensor<2x512xf32>) -> tensor<2x512xf32>
    oriel.yield %r, %s, %t : tensor<2x1020xf32>, tensor<2x2048xf32>, tensor<2x512xf32>
  }
  return %1#0, %1#1, %1#2 : tensor<2x1020xf32>, tensor<2x2048xf32>, tensor<2x512xf32>
}
