//===- Layers.h - What a random graph consists of -------------------------===//
//
// Each function adds some ops on activations that the writer has, or does nothing where none fits.
// Ops alone, and the chains of models with a deviation here and there: what tempts a fusion, and
// what only seems to.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_TESTS_FUZZ_LAYERS_H
#define ORIEL_TESTS_FUZZ_LAYERS_H

#include "tests/fuzz/GraphWriter.h"

namespace oriel::fuzz {

// Layers that others contain. Null where they cost too much.
mlir::Value addActivation(GraphWriter &writer, mlir::Value input);
mlir::Value addBatchNorm(GraphWriter &writer, mlir::Value input);
mlir::Value addLayerNorm(GraphWriter &writer, mlir::Value input);
mlir::Value addLinear(GraphWriter &writer, mlir::Value input, int64_t channels);
/// silu, gelu, batch norm, factor, sums with a value of the same shape or a vector: some of them.
mlir::Value addEpilogue(GraphWriter &writer, mlir::Value input);

// RowLayers.cpp
void addPointwise(GraphWriter &writer);
void addSum(GraphWriter &writer);
void addBroadcastSum(GraphWriter &writer);
void addNorm(GraphWriter &writer);
void addFullyConnected(GraphWriter &writer);
void addMlp(GraphWriter &writer);
void addSoftmax(GraphWriter &writer);

// MapLayers.cpp
void addConvolution(GraphWriter &writer);
void addInvertedResidual(GraphWriter &writer);
void addConcat(GraphWriter &writer);
void addPool(GraphWriter &writer);
void addPermute(GraphWriter &writer);
void addImage(GraphWriter &writer);
void addPixels(GraphWriter &writer);

// WindowLayers.cpp
void addRoll(GraphWriter &writer);
void addCut(GraphWriter &writer);
void addJoin(GraphWriter &writer);
void addPatchMerging(GraphWriter &writer);

// AttentionLayers.cpp
void addHeads(GraphWriter &writer);
void addMatmul(GraphWriter &writer);
void addWindowBias(GraphWriter &writer);
void addAttention(GraphWriter &writer);

} // namespace oriel::fuzz

#endif // ORIEL_TESTS_FUZZ_LAYERS_H
