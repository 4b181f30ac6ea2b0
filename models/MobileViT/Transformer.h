//===- Transformer.h - Pre-norm transformer layers ------------------------===//
#ifndef ORIEL_MODELS_MOBILEVIT_TRANSFORMER_H
#define ORIEL_MODELS_MOBILEVIT_TRANSFORMER_H

#include "models/MobileViT/MobileViTConfig.h"

namespace oriel {

/// `depth` layers on tokens x [B, G, T, C], attention among the tokens of each group:
///
///   x = x + MSA(LN(x));   x = x + MLP(LN(x))
///
/// Source: Vaswani et al., Attention Is All You Need (2017), with the norms before the branches.
GraphTensor transformer(GraphBuilder &builder, llvm::StringRef name, GraphTensor x, int64_t depth,
                        const MobileViTConfig &config);

} // namespace oriel

#endif // ORIEL_MODELS_MOBILEVIT_TRANSFORMER_H
