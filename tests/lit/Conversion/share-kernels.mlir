// RUN: oriel-opt %s -share-kernels | FileCheck %s

// Equal computations on equal layouts are one kernel, whatever their layers; numbers follow the first use.

// CHECK: exec.kernel @elementwise_0
// CHECK: oriel.silu
// CHECK: exec.kernel @elementwise_1
// CHECK: oriel.gelu
// CHECK-NOT: exec.kernel
// CHECK: exec.launch @elementwise_0
// CHECK: exec.launch @elementwise_0
// CHECK: exec.launch @elementwise_1
exec.kernel @kernel family "elementwise" inputs [!exec.buffer<tensor<1x16xf32>, arena>] outputs [!exec.buffer<tensor<1x16xf32>, arena>] {
  %x = exec.operand 0 : tensor<1x16xf32>
  %y = oriel.kernel (%a = %x : tensor<1x16xf32>) -> tensor<1x16xf32> {
    %r = oriel.silu %a : (tensor<1x16xf32>) -> tensor<1x16xf32> loc("first")
    oriel.yield %r : tensor<1x16xf32>
  }
}
exec.kernel @kernel_0 family "elementwise" inputs [!exec.buffer<tensor<1x16xf32>, arena>] outputs [!exec.buffer<tensor<1x16xf32>, arena>] {
  %x = exec.operand 0 : tensor<1x16xf32>
  %y = oriel.kernel (%b = %x : tensor<1x16xf32>) -> tensor<1x16xf32> {
    %r = oriel.silu %b : (tensor<1x16xf32>) -> tensor<1x16xf32> loc("second")
    oriel.yield %r : tensor<1x16xf32>
  }
}
exec.kernel @kernel_1 family "elementwise" inputs [!exec.buffer<tensor<1x16xf32>, arena>] outputs [!exec.buffer<tensor<1x16xf32>, arena>] {
  %x = exec.operand 0 : tensor<1x16xf32>
  %y = oriel.kernel (%a = %x : tensor<1x16xf32>) -> tensor<1x16xf32> {
    %r = oriel.gelu %a : (tensor<1x16xf32>) -> tensor<1x16xf32>
    oriel.yield %r : tensor<1x16xf32>
  }
}
exec.program @main batch = 1 arena = 0 + 0 * per_item {
  %a = exec.arena : !exec.buffer<tensor<1x16xf32>, arena>
  %b = exec.arena : !exec.buffer<tensor<1x16xf32>, arena>
  exec.launch @kernel(%a : !exec.buffer<tensor<1x16xf32>, arena>) -> (%b : !exec.buffer<tensor<1x16xf32>, arena>) {flops = 0 : i64, bytes = 128 : i64, parameter_bytes = 0 : i64}
  exec.launch @kernel_0(%b : !exec.buffer<tensor<1x16xf32>, arena>) -> (%a : !exec.buffer<tensor<1x16xf32>, arena>) {flops = 0 : i64, bytes = 128 : i64, parameter_bytes = 0 : i64}
  exec.launch @kernel_1(%a : !exec.buffer<tensor<1x16xf32>, arena>) -> (%b : !exec.buffer<tensor<1x16xf32>, arena>) {flops = 0 : i64, bytes = 128 : i64, parameter_bytes = 0 : i64}
}
