//===- Layers.cpp - Layers that several models share ----------------------===//

#include "models/Layers.h"

#include <cmath>

using llvm::StringRef;

namespace oriel {

GraphTensor activate(GraphBuilder &builder, GraphTensor x, Activation activation) {
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

GraphTensor linear(GraphBuilder &builder, StringRef name, GraphTensor x, int64_t features,
                   bool hasBias) {
  Scope scope(builder, name);
  GraphTensor weight = builder.parameter("weight", {features, x.getChannels()});
  GraphTensor bias = hasBias ? builder.parameter("bias", {features}) : GraphTensor();
  return builder.linear(x, weight, bias);
}

GraphTensor layerNorm(GraphBuilder &builder, StringRef name, GraphTensor x) {
  Scope scope(builder, name);
  GraphTensor gamma = builder.parameter("weight", {x.getChannels()});
  GraphTensor beta = builder.parameter("bias", {x.getChannels()});
  return builder.layerNorm(x, gamma, beta, normEpsilon);
}

GraphTensor mlp(GraphBuilder &builder, StringRef name, GraphTensor x, int64_t hidden,
                Activation activation) {
  Scope scope(builder, name);
  GraphTensor y = linear(builder, "fc1", x, hidden);
  y = activate(builder, y, activation);
  return linear(builder, "fc2", y, x.getChannels());
}

GraphTensor selfAttention(GraphBuilder &builder, StringRef name, GraphTensor x, int64_t heads,
                          llvm::function_ref<GraphTensor(GraphTensor)> adjust) {
  Scope scope(builder, name);
  int64_t channels = x.getChannels();
  if (channels % heads != 0) {
    builder.fail(llvm::Twine(heads) + " heads do not divide " + llvm::Twine(channels) +
                 " channels");
    return {};
  }
  GraphTensor qkv = linear(builder, "qkv", x, 3 * channels);
  GraphTensor q = builder.splitHeads(qkv, heads, 0, 3);
  GraphTensor k = builder.splitHeads(qkv, heads, 1, 3);
  GraphTensor v = builder.splitHeads(qkv, heads, 2, 3);

  q = builder.scale(q, 1 / std::sqrt(static_cast<double>(channels / heads)));
  GraphTensor scores = builder.matmulTransposed(q, k);
  if (adjust) {
    scores = adjust(scores);
  }
  GraphTensor y = builder.matmul(builder.softmax(scores), v);
  return linear(builder, "proj", builder.mergeHeads(y), channels);
}

} // namespace oriel
