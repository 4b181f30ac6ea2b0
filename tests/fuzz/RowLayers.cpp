//===- RowLayers.cpp - Ops on rows and elements, and their chains ---------===//

#include "tests/fuzz/Layers.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

static APFloat drawEpsilon(Choices &choices) { return APFloat(choices.pick({1e-5, 1e-3, 1e-6})); }

Value fuzz::addActivation(GraphWriter &writer, Value input) {
  return writer.choices.oneIn(2) ? writer.add<GeluOp>(input) : writer.add<SiluOp>(input);
}

static Value addScale(GraphWriter &writer, Value input) {
  return writer.add<ScaleOp>(input, APFloat(writer.choices.pick({0.5, -1.0, 1.0, 0.176776695})));
}

Value fuzz::addBatchNorm(GraphWriter &writer, Value input) {
  int64_t channels = channelsOf(input);
  Value gamma = writer.parameter("weight", channels), beta = writer.parameter("bias", channels);
  Value mean = writer.parameter("running_mean", channels);
  Value variance = writer.parameter("running_var", channels);
  return writer.add<BatchNormOp>(input, gamma, beta, mean, variance, drawEpsilon(writer.choices));
}

Value fuzz::addLayerNorm(GraphWriter &writer, Value input) {
  int64_t channels = channelsOf(input);
  Value gamma = writer.parameter("weight", channels), beta = writer.parameter("bias", channels);
  return writer.add<LayerNormOp>(input, gamma, beta, drawEpsilon(writer.choices));
}

/// A weight that is a parameter, or one scaled by output channel as batch norms are folded.
static Value makeWeight(GraphWriter &writer, ArrayRef<int64_t> shape) {
  Value weight = writer.parameter("weight", shape);
  if (writer.choices.oneIn(12)) {
    weight = writer.compute<ScaleFiltersOp>(weight, writer.parameter("weight", shape.front()));
  }
  return weight;
}

Value fuzz::addLinear(GraphWriter &writer, Value input, int64_t channels) {
  int64_t depth = channelsOf(input), elements = elementsOfItem(input) / depth * channels;
  if (!writer.spend(elements, elements * depth)) {
    return {};
  }
  Value weight = makeWeight(writer, {channels, depth});
  Value bias = writer.choices.oneIn(3) ? Value() : writer.parameter("bias", channels);
  return writer.add<LinearOp>(input, weight, bias);
}

/// input + other or other + input.
static Value addInOrder(GraphWriter &writer, Value input, Value other) {
  return writer.choices.oneIn(2) ? writer.add<AddOp>(other, input)
                                 : writer.add<AddOp>(input, other);
}

static Value addSameShape(GraphWriter &writer, Value input) {
  Value other =
      writer.pick([&](Value value) { return value != input && shapeOf(value) == shapeOf(input); });
  return addInOrder(writer, input, other ? other : writer.input(itemShape(input)));
}

Value fuzz::addEpilogue(GraphWriter &writer, Value input) {
  for (int64_t length = writer.choices.pick<int64_t>({0, 0, 1, 1, 2, 3}); length > 0; --length) {
    switch (writer.choices.below(6)) {
    case 0:
    case 1:
      input = addActivation(writer, input);
      break;
    case 2:
      input = addSameShape(writer, input);
      break;
    case 3:
      input = addScale(writer, input);
      break;
    case 4:
      input = addInOrder(writer, input, writer.parameter("bias", channelsOf(input)));
      break;
    default:
      input = addBatchNorm(writer, input);
    }
  }
  return input;
}

static Value pickAny(GraphWriter &writer) {
  return writer.pick([](Value) { return true; });
}

void fuzz::addPointwise(GraphWriter &writer) {
  Value input = pickAny(writer);
  if (!writer.spend(elementsOfItem(input))) {
    return;
  }
  if (writer.choices.oneIn(3)) {
    addScale(writer, input);
  } else {
    addActivation(writer, input);
  }
}

void fuzz::addSum(GraphWriter &writer) {
  Value input = pickAny(writer);
  if (!writer.spend(elementsOfItem(input))) {
    return;
  }
  if (writer.choices.oneIn(6)) {
    writer.add<AddOp>(input, input);
  } else {
    addSameShape(writer, input);
  }
}

/// With a parameter of any rank below the input's, or an activation, dimensions of which are
/// repeated.
void fuzz::addBroadcastSum(GraphWriter &writer) {
  Value input = pickAny(writer);
  if (!writer.spend(elementsOfItem(input))) {
    return;
  }
  Shape shape(itemShape(input));
  bool isActivation = writer.choices.oneIn(3);
  if (!isActivation) {
    int64_t dropped = writer.choices.below(static_cast<int64_t>(shape.size()));
    shape.erase(shape.begin(), shape.begin() + dropped);
  }
  for (int64_t &extent : shape) {
    extent = writer.choices.oneIn(3) ? 1 : extent;
  }
  if (!isActivation && shape.size() + 1 == shapeOf(input).size() && writer.choices.oneIn(3)) {
    shape.insert(shape.begin(), 1);
  }
  addInOrder(writer, input, isActivation ? writer.input(shape) : writer.parameter("bias", shape));
}

void fuzz::addNorm(GraphWriter &writer) {
  Value input = pickAny(writer);
  if (!writer.spend(elementsOfItem(input))) {
    return;
  }
  input = writer.choices.oneIn(3) ? addBatchNorm(writer, input) : addLayerNorm(writer, input);
  addEpilogue(writer, input);
}

void fuzz::addFullyConnected(GraphWriter &writer) {
  Value input = pickAny(writer);
  if (writer.choices.oneIn(3) && writer.spend(elementsOfItem(input))) {
    input = addLayerNorm(writer, input);
  }
  input = addLinear(writer, input, writer.drawChannels());
  if (input) {
    addEpilogue(writer, input);
  }
}

/// x + linear(gelu(linear(layer_norm(x))))
void fuzz::addMlp(GraphWriter &writer) {
  Value input = pickAny(writer);
  int64_t channels = channelsOf(input);
  if (!writer.spend(elementsOfItem(input))) {
    return;
  }
  Value hidden = addLayerNorm(writer, input);
  hidden = addLinear(writer, hidden, channels * writer.choices.pick<int64_t>({1, 2, 3, 4}));
  if (!hidden) {
    return;
  }
  hidden = addLinear(writer, addActivation(writer, hidden), channels);
  if (hidden) {
    addInOrder(writer, input, hidden);
  }
}

void fuzz::addSoftmax(GraphWriter &writer) {
  Value input = pickAny(writer);
  if (writer.spend(elementsOfItem(input))) {
    addEpilogue(writer, writer.add<SoftmaxOp>(input));
  }
}
