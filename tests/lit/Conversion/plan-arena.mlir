// RUN: oriel-opt %s -plan-arena | FileCheck %s

// %a dies when %b has been written, so %c takes its place; offsets and total are for one item of the batch.

// CHECK: exec.program @main batch = 2 arena = 4096 + 1024 * per_item
// CHECK: exec.arena offset = 0
// CHECK: exec.arena offset = 512
// CHECK: exec.arena offset = 0
exec.kernel @elementwise_0 family "elementwise" inputs [!exec.buffer<tensor<2x100xf32>, external>] outputs [!exec.buffer<tensor<2x16xf32>, arena>] {
  %x = exec.operand 0 : tensor<2x100xf32>
  %y = oriel.kernel (%a = %x : tensor<2x100xf32>) -> tensor<2x16xf32> {
    %r = oriel.param "unused" : tensor<2x16xf32>
    oriel.yield %r : tensor<2x16xf32>
  }
}
exec.kernel @elementwise_1 family "elementwise" inputs [!exec.buffer<tensor<2x16xf32>, arena>] outputs [!exec.buffer<tensor<2x16xf32>, arena>] {
  %x = exec.operand 0 : tensor<2x16xf32>
  %y = oriel.kernel (%a = %x : tensor<2x16xf32>) -> tensor<2x16xf32> {
    %r = oriel.silu %a : (tensor<2x16xf32>) -> tensor<2x16xf32>
    oriel.yield %r : tensor<2x16xf32>
  }
}
exec.program @main batch = 2 arena = 0 + 0 * per_item {
  %x = exec.input 0 : !exec.buffer<tensor<2x100xf32>, external>
  %a = exec.arena : !exec.buffer<tensor<2x16xf32>, arena>
  %b = exec.arena : !exec.buffer<tensor<2x16xf32>, arena>
  %c = exec.arena : !exec.buffer<tensor<2x16xf32>, arena>
  exec.launch @elementwise_0(%x : !exec.buffer<tensor<2x100xf32>, external>) -> (%a : !exec.buffer<tensor<2x16xf32>, arena>) {flops = 0 : i64, bytes = 0 : i64, parameter_bytes = 0 : i64}
  exec.launch @elementwise_1(%a : !exec.buffer<tensor<2x16xf32>, arena>) -> (%b : !exec.buffer<tensor<2x16xf32>, arena>) {flops = 0 : i64, bytes = 0 : i64, parameter_bytes = 0 : i64}
  exec.launch @elementwise_1(%b : !exec.buffer<tensor<2x16xf32>, arena>) -> (%c : !exec.buffer<tensor<2x16xf32>, arena>) {flops = 0 : i64, bytes = 0 : i64, parameter_bytes = 0 : i64}
}
