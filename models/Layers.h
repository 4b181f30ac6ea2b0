//===- Layers.h - Layers that several models share ------------------------===//
//
// Each is a function from a tensor to a tensor. `name` is the sublayer that holds the parameters,
// which are named as PyTorch names them.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_MODELS_LAYERS_H
#define ORIEL_MODELS_LAYERS_H

#include "frontend/GraphBuilder.h"

namespace oriel {

/// PyTorch's default for LayerNorm and BatchNorm2d; timm changes neither in the models of the zoo.
inline constexpr double normEpsilon = 1e-5;

enum class Activation { None, Gelu, Silu };

/// The activation as an op of the current layer.
GraphTensor activate(GraphBuilder &builder, GraphTensor x, Activation activation);

/// nn.Linear on each row: `weight` [features, K] and, with `hasBias`, `bias` [features].
GraphTensor linear(GraphBuilder &builder, llvm::StringRef name, GraphTensor x, int64_t features,
                   bool hasBias = true);

/// nn.LayerNorm over the channels: `weight` and `bias`.
GraphTensor layerNorm(GraphBuilder &builder, llvm::StringRef name, GraphTensor x);

/// The perceptron of a transformer block: fc2(activation(fc1(x))), back to x's width.
GraphTensor mlp(GraphBuilder &builder, llvm::StringRef name, GraphTensor x, int64_t hidden,
                Activation activation);

/// Multi-head self-attention among the tokens of each group, x [B, G, T, C]:
///
///   q, k, v = qkv(x);   proj(softmax(adjust(q k^T / sqrt(d))) v)
///
/// `adjust` maps the scores [B, G, heads, T, T]; it may be null. `name` holds `qkv` and `proj`.
GraphTensor selfAttention(GraphBuilder &builder, llvm::StringRef name, GraphTensor x, int64_t heads,
                          llvm::function_ref<GraphTensor(GraphTensor scores)> adjust = nullptr);

} // namespace oriel

#endif // ORIEL_MODELS_LAYERS_H
