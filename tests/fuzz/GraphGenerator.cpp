//===- GraphGenerator.cpp - Random graphs of the oriel dialect ------------===//

#include "tests/fuzz/GraphGenerator.h"

#include "tests/fuzz/Layers.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

using Layer = void (*)(GraphWriter &);

// The simplest first: what a shrunk graph ends with. Some stand here twice to be drawn twice as
// often.
static constexpr Layer layers[] = {
    addPointwise,
    addSum,
    addNorm,
    addSoftmax,
    addBroadcastSum,
    addPermute,
    addPool,
    addRoll,
    addCut,
    addJoin,
    addHeads,
    addMatmul,
    addWindowBias,
    addConcat,
    addConcat,
    addFullyConnected,
    addFullyConnected,
    addMlp,
    addMlp,
    addPatchMerging,
    addConvolution,
    addConvolution,
    addConvolution,
    addInvertedResidual,
    addInvertedResidual,
    addInvertedResidual,
    addAttention,
    addAttention,
    addAttention,
    addImage,
    addPixels,
};

/// A map [B, H, W, C] mostly; rows [B, C], or tokens of any rank up to 5.
static void addInput(GraphWriter &writer) {
  int64_t rank = writer.choices.pick<int64_t>({4, 4, 4, 4, 4, 4, 2, 3, 5});
  Shape shape;
  for (int64_t i = 2; i < rank; ++i) {
    shape.push_back(writer.drawExtent());
  }
  shape.push_back(writer.drawChannels());
  // Large in one dimension or the other, not in all.
  constexpr int64_t mostElements = 1 << 15;
  for (int64_t &extent : shape) {
    int64_t others = 1;
    for (int64_t other : shape) {
      others *= other;
    }
    if (others > mostElements) {
      extent = std::max<int64_t>(1, extent / (others / mostElements + 1));
    }
  }
  writer.input(shape);
}

OwningOpRef<ModuleOp> fuzz::generateGraph(MLIRContext &context, Choices &choices) {
  GraphWriter writer(context, choices);
  addInput(writer);
  if (choices.oneIn(8)) {
    addInput(writer);
  }
  // Each part says itself whether it is there, so that it can be left out by itself.
  constexpr int mostLayers = 7;
  for (int count = 0; count < mostLayers; ++count) {
    choices.beginPart();
    bool goesOn = choices.below(5) != 0;
    if (count > 0 && !goesOn) {
      break;
    }
    choices.pick(ArrayRef(layers))(writer);
  }
  return writer.finish();
}
