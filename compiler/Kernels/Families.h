//===- Families.h - The kernel families, by their schedules ---------------===//
//
// One function a family: asks the builder for the values of the planned region, schedules them and
// sets the outputs. Each is in the file of its name; those for devices beside them, except for
// attention, whose definition serves both, and whose schedules are apart.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_KERNELS_FAMILIES_H
#define ORIEL_COMPILER_KERNELS_FAMILIES_H

#include "compiler/Kernels/KernelBuilder.h"

namespace oriel {

void buildAttention(KernelBuilder &builder);
void buildAttentionProjection(KernelBuilder &builder);
void buildBatchedMatmul(KernelBuilder &builder);
void buildConvolution(KernelBuilder &builder);
void buildDepthwiseConvolution(KernelBuilder &builder);
void buildElementwise(KernelBuilder &builder);
void buildGemm(KernelBuilder &builder);
void buildInvertedResidual(KernelBuilder &builder);
void buildMlp(KernelBuilder &builder);
void buildRowReduction(KernelBuilder &builder);
void buildWinogradConvolution(KernelBuilder &builder);

void buildBatchedMatmulOnGpu(KernelBuilder &builder);
/// Dense, grouped and depthwise.
void buildConvolutionOnGpu(KernelBuilder &builder);
void buildElementwiseOnGpu(KernelBuilder &builder);
void buildGemmOnGpu(KernelBuilder &builder);
void buildMlpOnGpu(KernelBuilder &builder);
void buildRowReductionOnGpu(KernelBuilder &builder);
void buildWinogradConvolutionOnGpu(KernelBuilder &builder);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_FAMILIES_H
