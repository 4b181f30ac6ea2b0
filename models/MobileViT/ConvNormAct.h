//===- ConvNormAct.h - Convolution, batch norm, SiLU ----------------------===//
#ifndef ORIEL_MODELS_MOBILEVIT_CONVNORMACT_H
#define ORIEL_MODELS_MOBILEVIT_CONVNORMACT_H

#include "models/Layers.h"

namespace oriel {

/// nn.Conv2d without bias, `name.weight`; the padding keeps the size at stride 1.
/// `groups` divides the input channels.
GraphTensor conv2d(GraphBuilder &builder, llvm::StringRef name, GraphTensor x, int64_t channels,
                   int64_t kernel, int64_t stride = 1, int64_t groups = 1);

struct ConvNormActOptions {
  int64_t channels;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t groups = 1;
  Activation activation = Activation::Silu;
};

/// activation(batch norm(convolution(x))), parameters in `name.conv` and `name.bn`.
GraphTensor convNormAct(GraphBuilder &builder, llvm::StringRef name, GraphTensor x,
                        const ConvNormActOptions &options);

} // namespace oriel

#endif // ORIEL_MODELS_MOBILEVIT_CONVNORMACT_H
