//===- Layers.cpp - Layers that several models share ----------------------===//

#include "models/Layers.h"

#include <cmath>

using llvm::StringRef;

namespace oriel {

Tensor activate(GraphBuilder &builder, Tensor x, Activation activation) {
  switch (activation) {
  case Activation::None:
    return x;
  case Activation::Gelu:
    return builder.gelu(x);
  case Activation::Silu:
    return builder.silu(x);
  }
  llvm_unreachable("all activations are handled");
}

Tensor linear(GraphBuilder &builder, StringRef name, Tensor x, int64_t features, bool hasBias) {
  Scope scope(builder, name);
  Tensor weight = builder.parameter("weight", {features, x.getChannels()});
  Tensor bias = hasBias ? builder.parameter("bias", {features}) : Tensor();
  return builder.linear(x, weight, bias);
}

Tensor layerNorm(GraphBuilder &builder, StringRef name, Tensor x) {
  Scope scope(builder, name);
  Tensor gamma = builder.parameter("weight", {x.getChannels()});
  Tensor beta = builder.parameter("bias", {x.getChannels()});
  return builder.layerNorm(x, gamma, beta, normEpsilon);
}

Tensor mlp(GraphBuilder &builder, StringRef name, Tensor x, int64_t hidden, Activation activation) {
  Scope scope(builder, name);
  Tensor y = linear(builder, "fc1", x, hidden);
  y = activate(builder, y, activation);
  return linear(builder, "fc2", y, x.getChannels());
}

Tensor selfAttention(GraphBuilder &builder, StringRef name, Tensor x, int64_t heads,
                     llvm::function_ref<Tensor(Tensor)> adjust) {
  Scope scope(builder, name);
  int64_t channels = x.getChannels();
  if (channels % heads != 0) {
    builder.fail(llvm::Twine(heads) + " heads do not divide " + llvm::Twine(channels) +
                 " channels");
    return {};
  }
  Tensor qkv = linear(builder, "qkv", x, 3 * channels);
  Tensor q = builder.splitHeads(qkv, heads, 0, 3);
  Tensor k = builder.splitHeads(qkv, heads, 1, 3);
  Tensor v = builder.splitHeads(qkv, heads, 2, 3);

  q = builder.scale(q, 1 / std::sqrt(static_cast<double>(channels / heads)));
  Tensor scores = builder.matmulTransposed(q, k);
  if (adjust) {
    scores = adjust(scores);
  }
  Tensor y = builder.matmul(builder.softmax(scores), v);
  return linear(builder, "proj", builder.mergeHeads(y), channels);
}

} // namespace oriel
