// A model of one kernel.
func.func @main(%x: tensor<2x64x48xf32>) -> tensor<2x64x64xf32> {
  %w = oriel.param "fc1.weight" : tensor<64x48xf32>
  %b = oriel.param "fc1.bias" : tensor<64xf32>
  %y = oriel.linear %x, %w, %b : (tensor<2x64x48xf32>, tensor<64x48xf32>, tensor<64xf32>) -> tensor<2x64x64xf32> loc("fc1")
  %z = oriel.gelu %y : (tensor<2x64x64xf32>) -> tensor<2x64x64xf32> loc("act")
  return %z : tensor<2x64x64xf32>
}
