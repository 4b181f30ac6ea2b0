// RUN: oriel-opt %s -split-input-file -verify-diagnostics -exec-to-llvm | FileCheck %s
// RUN: oriel-opt %s -split-input-file -verify-diagnostics -exec-to-llvm=targets=x86-64-v4,x86-64-v3 | FileCheck %s --check-prefix=TARGETS

// With targets each has its kernels and its program; the program calls its own target's.

// TARGETS: llvm.func internal @launch_elementwise_0.x86_64_v4
// TARGETS: llvm.call @elementwise_0.x86_64_v4
// TARGETS: llvm.func @oriel_run.x86_64_v4
// TARGETS: llvm.call @launch_elementwise_0.x86_64_v4
// TARGETS: llvm.func internal @launch_elementwise_0.x86_64_v3
// TARGETS: llvm.call @elementwise_0.x86_64_v3
// TARGETS: llvm.func @oriel_run.x86_64_v3
// TARGETS: llvm.call @launch_elementwise_0.x86_64_v3

// The kernel's object is declared, an entry makes its halide_buffer_ts with the run's batch as outermost extent, and the
// program calls the entry with addresses, between the hooks.

// CHECK: llvm.func @elementwise_0(!llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
// CHECK: llvm.func internal @launch_elementwise_0(%[[WORKER:.*]]: !llvm.ptr, %[[BATCH:.*]]: i32, %[[IN:.*]]: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr) -> i32
// CHECK: dense<[0, 16, 1, 0, 0, 1, 16, 0]> : tensor<8xi32>
// CHECK: %[[EXTENT:.*]] = llvm.getelementptr %{{.*}}[5] : (!llvm.ptr) -> !llvm.ptr, i32
// CHECK: llvm.store %[[BATCH]], %[[EXTENT]]
// CHECK: llvm.call @elementwise_0(%[[WORKER]], %{{.*}}, %{{.*}})
// CHECK: llvm.func @oriel_run(%{{.*}}: !llvm.ptr) -> i32
// CHECK: llvm.call @launch_hook
// CHECK: %[[STATUS:.*]] = llvm.call @launch_elementwise_0
// CHECK: %[[OK:.*]] = llvm.icmp "eq" %[[STATUS]]
// CHECK: llvm.cond_br %[[OK]]
// CHECK: llvm.call @launch_hook

// A launch alone is a case of a switch: the same calls on the same addresses.

// CHECK: llvm.func @oriel_run_launch(%{{.*}}: !llvm.ptr, %[[LAUNCH:.*]]: i32) -> i32
// CHECK: llvm.switch %[[LAUNCH]] : i32, ^[[UNKNOWN:bb[0-9]+]] [
// CHECK-NEXT: 0: ^[[FIRST:bb[0-9]+]]
// CHECK-NEXT: ]
// CHECK: ^[[FIRST]]:
// CHECK: llvm.call @launch_hook
// CHECK: llvm.call @launch_elementwise_0
// CHECK: llvm.call @launch_hook
// CHECK: llvm.return %{{.*}} : i32
// CHECK: ^[[UNKNOWN]]:
// CHECK: %[[ONE:.*]] = llvm.mlir.constant(1 : i32)
// CHECK: llvm.return %[[ONE]]
exec.kernel @elementwise_0 family "elementwise" inputs [!exec.buffer<tensor<1x16xf32>, external>] outputs [!exec.buffer<tensor<1x16xf32>, external>] {
  %x = exec.operand 0 : tensor<1x16xf32>
  %y = oriel.kernel (%a = %x : tensor<1x16xf32>) -> tensor<1x16xf32> {
    %r = oriel.silu %a : (tensor<1x16xf32>) -> tensor<1x16xf32>
    oriel.yield %r : tensor<1x16xf32>
  }
}
exec.program @main batch = 1 arena = 0 + 0 * per_item {
  %x = exec.input 0 : !exec.buffer<tensor<1x16xf32>, external>
  %y = exec.output 0 : !exec.buffer<tensor<1x16xf32>, external>
  exec.launch @elementwise_0(%x : !exec.buffer<tensor<1x16xf32>, external>) -> (%y : !exec.buffer<tensor<1x16xf32>, external>) {flops = 0 : i64, bytes = 128 : i64, parameter_bytes = 0 : i64}
}

// -----

exec.program @main batch = 1 arena = 0 + 0 * per_item {
  // expected-error @+1 {{@prepare stores no parameter "fc.weight"}}
  %w = exec.parameter "fc.weight" : !exec.buffer<tensor<16x16xf32, #oriel.panels>, parameter>
}

// -----

exec.program @main batch = 1 arena = 0 + 0 * per_item {
  // expected-error @+1 {{has no offset; run plan-arena first}}
  %w = exec.arena : !exec.buffer<tensor<1x16xf32>, arena>
}

// -----

// A buffer of bytes says so: halide_type_t {code 1, unsigned, bits 8, lanes 1}; one of float32 {2, 32, 1}.

// CHECK: llvm.func internal @launch_normalize_0
// CHECK: llvm.mlir.constant(67585 : i32)
// CHECK: llvm.mlir.constant(73730 : i32)
exec.kernel @normalize_0 family "elementwise" inputs [!exec.buffer<tensor<1x2x2x3xui8>, external>] outputs [!exec.buffer<tensor<1x2x2x3xf32>, external>] {
  %x = exec.operand 0 : tensor<1x2x2x3xui8>
  %y = oriel.kernel (%a = %x : tensor<1x2x2x3xui8>) -> tensor<1x2x2x3xf32> {
    %r = oriel.normalize_image %a {mean = array<f64: 0.5, 0.5, 0.5>, std = array<f64: 0.5, 0.5, 0.5>} : (tensor<1x2x2x3xui8>) -> tensor<1x2x2x3xf32>
    oriel.yield %r : tensor<1x2x2x3xf32>
  }
}
exec.program @main batch = 1 arena = 0 + 0 * per_item {
  %x = exec.input 0 : !exec.buffer<tensor<1x2x2x3xui8>, external>
  %y = exec.output 0 : !exec.buffer<tensor<1x2x2x3xf32>, external>
  exec.launch @normalize_0(%x : !exec.buffer<tensor<1x2x2x3xui8>, external>) -> (%y : !exec.buffer<tensor<1x2x2x3xf32>, external>) {flops = 0 : i64, bytes = 60 : i64, parameter_bytes = 0 : i64}
}

// -----

// One of float16 {2, 16, 1}; entries of the parameter block take as many bytes as that, 32 elements of 2 each.

// CHECK: llvm.func internal @launch_add_0
// CHECK-COUNT-3: llvm.mlir.constant(69634 : i32)
// CHECK: llvm.mlir.constant(73730 : i32)
// CHECK: llvm.func @oriel_run
// CHECK-DAG: llvm.mlir.constant(0 : i64)
// CHECK-DAG: llvm.mlir.constant(64 : i64)
func.func @prepare() {
  %w = oriel.param "w" : tensor<32xf32>
  oriel.store_prepared %w, "first" : tensor<32xf32>
  oriel.store_prepared %w, "second" : tensor<32xf32>
  return
}
exec.kernel @add_0 family "elementwise" inputs [!exec.buffer<tensor<1x32xf32>, arena, stored = f16>, !exec.buffer<tensor<32xf32>, parameter, stored = f16>, !exec.buffer<tensor<32xf32>, parameter, stored = f16>] outputs [!exec.buffer<tensor<1x32xf32>, external>] {
  %x = exec.operand 0 : tensor<1x32xf32>
  %f = exec.operand 1 : tensor<32xf32>
  %s = exec.operand 2 : tensor<32xf32>
  %y = oriel.kernel (%a = %x : tensor<1x32xf32>, %b = %f : tensor<32xf32>, %c = %s : tensor<32xf32>) -> tensor<1x32xf32> {
    %r = oriel.add %a, %b : (tensor<1x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
    %q = oriel.add %r, %c : (tensor<1x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
    oriel.yield %q : tensor<1x32xf32>
  }
}
exec.program @main batch = 1 arena = 0 + 512 * per_item {
  %y = exec.output 0 : !exec.buffer<tensor<1x32xf32>, external>
  %f = exec.parameter "first" : !exec.buffer<tensor<32xf32>, parameter, stored = f16>
  %s = exec.parameter "second" : !exec.buffer<tensor<32xf32>, parameter, stored = f16>
  %x = exec.arena offset = 0 : !exec.buffer<tensor<1x32xf32>, arena, stored = f16>
  exec.launch @add_0(%x, %f, %s : !exec.buffer<tensor<1x32xf32>, arena, stored = f16>, !exec.buffer<tensor<32xf32>, parameter, stored = f16>, !exec.buffer<tensor<32xf32>, parameter, stored = f16>) -> (%y : !exec.buffer<tensor<1x32xf32>, external>) {flops = 0 : i64, bytes = 0 : i64, parameter_bytes = 0 : i64}
}
