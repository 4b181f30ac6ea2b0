// RUN: oriel-opt %s -graph-to-exec=precision=f16 -o %t && FileCheck %s < %t
// RUN: oriel-opt %t | FileCheck %s
// RUN: oriel-opt %t -plan-arena | FileCheck %s --check-prefix=ARENA

// Arena and parameter block hold float16, the caller's memory stays as it is; values stay of float32. Launches count
// what memory holds: for an item an input of 20 x 4 and a result of 24 x 2 bytes, parameters of 24 x 20 x 2.

// CHECK: exec.kernel @kernel family "gemm"
// CHECK-SAME: !exec.buffer<tensor<2x20xf32>, external>
// CHECK-SAME: !exec.buffer<tensor<24x20xf32, #oriel.panels>, parameter, stored = f16>
// CHECK-SAME: outputs [!exec.buffer<tensor<2x24xf32>, arena, pitch = 32, stored = f16>]
// CHECK: oriel.linear {{.*}} : (tensor<2x20xf32>, tensor<24x20xf32, #oriel.panels>) -> tensor<2x24xf32>
// CHECK: exec.input 0 : <tensor<2x20xf32>, external>
// CHECK: exec.output 0 : <tensor<2x24xf32>, external>
// CHECK: exec.parameter "fc.weight" : <tensor<24x20xf32, #oriel.panels>, parameter, stored = f16>
// CHECK: exec.arena : <tensor<2x24xf32>, arena, pitch = 32, stored = f16>
// CHECK: exec.launch @kernel({{.*}}) {bytes = 128 : i64, flops = 960 : i64, parameter_bytes = 960 : i64}
// CHECK: exec.launch @kernel_0({{.*}}) {bytes = 144 : i64

// A row of 32 elements takes 64 bytes for an item, in blocks of 512; behind the arena lie 64 such rows.
// ARENA: exec.program @main batch = 2 arena = 4096 + 512 * per_item
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
