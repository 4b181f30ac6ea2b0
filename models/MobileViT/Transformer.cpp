//===- Transformer.cpp - Pre-norm transformer layers ----------------------===//

#include "models/MobileViT/Transformer.h"

#include "models/Layers.h"

namespace oriel {

static GraphTensor transformerLayer(GraphBuilder &builder, GraphTensor x,
                                    const MobileViTConfig &config) {
  GraphTensor y = layerNorm(builder, "norm1", x);
  x = builder.add(x, selfAttention(builder, "attn", y, config.numHeads));

  y = layerNorm(builder, "norm2", x);
  auto hidden = static_cast<int64_t>(static_cast<double>(x.getChannels()) * config.mlpRatio);
  return builder.add(x, mlp(builder, "mlp", y, hidden, Activation::Silu));
}

GraphTensor transformer(GraphBuilder &builder, llvm::StringRef name, GraphTensor x, int64_t depth,
                        const MobileViTConfig &config) {
  for (int64_t layer = 0; layer < depth; ++layer) {
    Scope scope(builder, name + "." + llvm::Twine(layer));
    x = transformerLayer(builder, x, config);
  }
  return x;
}

} // namespace oriel
