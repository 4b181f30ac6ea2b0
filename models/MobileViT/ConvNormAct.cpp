//===- ConvNormAct.cpp - Convolution, batch norm, SiLU --------------------===//

#include "models/MobileViT/ConvNormAct.h"

using llvm::StringRef;

namespace oriel {

GraphTensor conv2d(GraphBuilder &builder, StringRef name, GraphTensor x, int64_t channels,
                   int64_t kernel, int64_t stride, int64_t groups) {
  Scope scope(builder, name);
  GraphTensor filter =
      builder.parameter("weight", {channels, x.getChannels() / groups, kernel, kernel});
  int64_t padding = (kernel - 1) / 2;
  return builder.conv2d(
      x, filter, GraphTensor(),
      {.stride = {stride, stride}, .padding = {padding, padding}, .groups = groups});
}

static GraphTensor batchNorm(GraphBuilder &builder, StringRef name, GraphTensor x) {
  Scope scope(builder, name);
  int64_t channels = x.getChannels();
  GraphTensor gamma = builder.parameter("weight", {channels});
  GraphTensor beta = builder.parameter("bias", {channels});
  GraphTensor mean = builder.parameter("running_mean", {channels});
  GraphTensor variance = builder.parameter("running_var", {channels});
  return builder.batchNorm(x, gamma, beta, mean, variance, normEpsilon);
}

GraphTensor convNormAct(GraphBuilder &builder, StringRef name, GraphTensor x,
                        const ConvNormActOptions &options) {
  Scope scope(builder, name);
  x = conv2d(builder, "conv", x, options.channels, options.kernel, options.stride, options.groups);
  x = batchNorm(builder, "bn", x);
  return activate(builder, x, options.activation);
}

} // namespace oriel
