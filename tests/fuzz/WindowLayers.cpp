//===- WindowLayers.cpp - Movement of windows and patches -----------------===//

#include "tests/fuzz/Layers.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

void fuzz::addRoll(GraphWriter &writer) {
  Value input = writer.pickRank(4);
  if (!input || !writer.spend(elementsOfItem(input))) {
    return;
  }
  int64_t shift[2];
  for (unsigned i : {0, 1}) {
    // Also by more than the map, and by nothing.
    shift[i] = writer.choices.pick<int64_t>({1, 0, -1, 2, -3, 7, -20, 65});
  }
  auto inner = input.getDefiningOp<RollOp>();
  if (inner && writer.choices.oneIn(2)) {
    shift[0] = -inner.getShift()[0];
    shift[1] = -inner.getShift()[1];
  }
  writer.add<RollOp>(input, shift);
}

void fuzz::addCut(GraphWriter &writer) {
  Value input = writer.pickRank(4);
  if (!input || !writer.spend(elementsOfItem(input))) {
    return;
  }
  int64_t tile[] = {writer.drawDivisor(shapeOf(input)[1]), writer.drawDivisor(shapeOf(input)[2])};
  if (writer.choices.oneIn(2)) {
    writer.add<UnfoldPatchesOp>(input, tile);
  } else {
    writer.add<WindowPartitionOp>(input, tile);
  }
}

/// Reverse or fold of any value of rank 4, the inverse of a cut or not.
void fuzz::addJoin(GraphWriter &writer) {
  Value input = writer.pickRank(4);
  if (!input || !writer.spend(elementsOfItem(input))) {
    return;
  }
  int64_t groups = shapeOf(input)[1], tokens = shapeOf(input)[2];
  bool isFold = writer.choices.oneIn(2);
  int64_t positions = isFold ? groups : tokens, tiles = isFold ? tokens : groups;
  int64_t tile[2] = {writer.drawDivisor(positions), 0}, cells[2] = {writer.drawDivisor(tiles), 0};
  tile[1] = positions / tile[0];
  cells[1] = tiles / cells[0];
  int64_t map[] = {tile[0] * cells[0], tile[1] * cells[1]};
  if (isFold) {
    writer.add<FoldPatchesOp>(input, tile, map);
  } else {
    writer.add<WindowReverseOp>(input, tile, map);
  }
}

/// patch_merge [layer_norm] [linear]
void fuzz::addPatchMerging(GraphWriter &writer) {
  Value input = writer.pick([](Value value) {
    auto shape = shapeOf(value);
    return shape.size() == 4 && shape[1] % 2 == 0 && shape[2] % 2 == 0;
  });
  if (!input || !writer.spend(elementsOfItem(input))) {
    return;
  }
  Value result = writer.add<PatchMergeOp>(input);
  if (writer.choices.oneIn(2)) {
    result = addLayerNorm(writer, result);
  }
  if (!writer.choices.oneIn(4)) {
    result = addLinear(writer, result, writer.drawChannels());
  }
  if (result) {
    addEpilogue(writer, result);
  }
}
