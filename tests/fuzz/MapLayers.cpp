//===- MapLayers.cpp - Convolutions and what stands around them -----------===//

#include "tests/fuzz/Layers.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

namespace {

struct Filter {
  int64_t channels = 1, groups = 1;
  int64_t size[2] = {1, 1}, strides[2] = {1, 1}, padding[2] = {0, 0};
};

} // namespace

/// A batch norm that the frontend has folded already.
static void foldBatchNorm(GraphWriter &writer, Value &weight, Value &bias) {
  int64_t channels = shapeOf(weight).front();
  Value gamma = writer.parameter("weight", channels), beta = writer.parameter("bias", channels);
  Value mean = writer.parameter("running_mean", channels);
  Value variance = writer.parameter("running_var", channels);
  Value scale = writer.compute<BatchNormScaleOp>(gamma, variance, APFloat(1e-5));
  weight = writer.compute<ScaleFiltersOp>(weight, scale);
  bias = writer.compute<BatchNormOffsetOp>(beta, mean, scale, bias);
}

/// Null where the filter does not fit on the map or costs too much.
static Value addConv(GraphWriter &writer, Value input, const Filter &filter) {
  int64_t elements = filter.channels;
  for (unsigned i : {0, 1}) {
    int64_t room = shapeOf(input)[1 + i] + 2 * filter.padding[i] - filter.size[i];
    if (room < 0) {
      return {};
    }
    elements *= room / filter.strides[i] + 1;
  }
  int64_t depth = channelsOf(input) / filter.groups;
  if (!writer.spend(elements, elements * depth * filter.size[0] * filter.size[1])) {
    return {};
  }
  int64_t shape[] = {filter.channels, depth, filter.size[0], filter.size[1]};
  Value weight = writer.parameter("weight", shape);
  Value bias = writer.choices.oneIn(2) ? writer.parameter("bias", filter.channels) : Value();
  if (writer.choices.oneIn(12)) {
    foldBatchNorm(writer, weight, bias);
  }
  bool isDense = filter.groups == 1 && filter.strides[0] == 1 && filter.strides[1] == 1;
  if (isDense && filter.size[0] == 3 && filter.size[1] == 3 && writer.choices.oneIn(6)) {
    // Where the pass would leave the convolution direct, too.
    Value transformed = writer.compute<WinogradFilterOp>(weight);
    return writer.add<WinogradConv2DOp>(input, transformed, bias, filter.padding);
  }
  return writer.add<Conv2DOp>(input, weight, bias, filter.strides, filter.padding, filter.groups);
}

/// Kernel size, stride and padding in (y, x): alike mostly, and the padding that keeps the size.
static void drawGeometry(Choices &choices, Filter &filter) {
  for (unsigned i : {0, 1}) {
    if (i == 1 && !choices.oneIn(4)) {
      filter.size[1] = filter.size[0];
      filter.strides[1] = filter.strides[0];
      filter.padding[1] = filter.padding[0];
      return;
    }
    filter.size[i] = choices.pick<int64_t>({1, 3, 3, 3, 2, 4, 5, 7});
    filter.strides[i] = choices.pick<int64_t>({1, 1, 1, 2, 2, 3, 4});
    filter.padding[i] = choices.oneIn(3) ? choices.below(filter.size[i] + 1) : filter.size[i] / 2;
  }
}

static void drawGroups(GraphWriter &writer, int64_t inputs, Filter &filter) {
  switch (writer.choices.below(5)) {
  case 0:
  case 1:
    break;
  case 2:
  case 3: // depthwise
    filter.groups = filter.channels = inputs;
    return;
  default:
    filter.groups = writer.drawDivisor(inputs);
    filter.channels = filter.groups * writer.choices.pick<int64_t>({1, 2, 3, 5, 8, 16});
    return;
  }
  filter.channels = writer.drawChannels();
}

/// conv [batch norm] [silu] ...
void fuzz::addConvolution(GraphWriter &writer) {
  Value input = writer.pickRank(4);
  if (!input) {
    return;
  }
  Filter filter;
  drawGeometry(writer.choices, filter);
  drawGroups(writer, channelsOf(input), filter);
  Value result = addConv(writer, input, filter);
  if (!result) {
    return;
  }
  if (writer.choices.oneIn(2)) {
    result = addBatchNorm(writer, result);
  }
  addEpilogue(writer, result);
}

static Value addConvNormAct(GraphWriter &writer, Value input, const Filter &filter, bool activate) {
  Value result = input ? addConv(writer, input, filter) : Value();
  if (result) {
    result = addBatchNorm(writer, result);
  }
  return result && activate ? writer.add<SiluOp>(result) : result;
}

/// An input so small that an expansion of it is allowed.
static Value addSmallMap(GraphWriter &writer) {
  constexpr int64_t mostElements = 1 << 12;
  int64_t channels = writer.choices.pick<int64_t>({1, 3, 8, 12, 16, 17, 24, 32, 40, 48});
  int64_t width = writer.drawExtent(), height = writer.drawExtent();
  height = std::clamp<int64_t>(mostElements / (channels * width), 1, height);
  return writer.input({height, width, channels});
}

/// MobileNetV2's block: expand, depthwise, project, residual.
void fuzz::addInvertedResidual(GraphWriter &writer) {
  Value input = writer.choices.oneIn(2) ? writer.pickRank(4) : addSmallMap(writer);
  if (!input) {
    return;
  }
  int64_t channels = channelsOf(input);
  Filter expand, spatial, project;
  expand.channels = channels * writer.choices.pick<int64_t>({1, 2, 4});
  spatial.channels = spatial.groups = expand.channels;
  for (unsigned i : {0, 1}) {
    spatial.size[i] = 3;
    spatial.padding[i] = 1;
  }
  spatial.strides[0] = spatial.strides[1] = writer.choices.pick<int64_t>({1, 1, 2});
  project.channels = writer.choices.oneIn(3) ? writer.drawChannels() : channels;
  Value hidden = addConvNormAct(writer, input, expand, true);
  hidden = addConvNormAct(writer, hidden, spatial, true);
  hidden = addConvNormAct(writer, hidden, project, false);
  if (hidden && hidden.getType() == input.getType()) {
    writer.add<AddOp>(input, hidden);
  }
}

/// Two or three values joined, and what may read the parts in the concat's place.
void fuzz::addConcat(GraphWriter &writer) {
  Value first = writer.pick([](Value) { return true; });
  auto fits = [&](Value value) { return shapeOf(value).drop_back() == shapeOf(first).drop_back(); };
  SmallVector<Value> parts{first};
  int64_t elements = elementsOfItem(first);
  for (int64_t count = 1 + writer.choices.below(2); count > 0; --count) {
    Value next = writer.pick(fits);
    if (writer.choices.oneIn(3)) {
      Shape shape(itemShape(first));
      shape.back() = writer.drawChannels();
      if (writer.spend(elementsOfItem(first) / channelsOf(first) * shape.back())) {
        next = writer.input(shape);
      }
    }
    parts.push_back(next);
    elements += elementsOfItem(next);
  }
  if (!writer.spend(elements)) {
    return;
  }
  Value joined = writer.add<ConcatOp>(parts);
  if (shapeOf(joined).size() == 4 && writer.choices.oneIn(2)) {
    Filter filter;
    int64_t size = writer.choices.pick<int64_t>({1, 3});
    filter.size[0] = filter.size[1] = size;
    filter.padding[0] = filter.padding[1] = size / 2;
    filter.channels = writer.drawChannels();
    joined = addConvNormAct(writer, joined, filter, true);
  } else if (writer.choices.oneIn(2)) {
    joined = addLinear(writer, joined, writer.drawChannels());
  }
  if (joined) {
    addEpilogue(writer, joined);
  }
}

void fuzz::addPool(GraphWriter &writer) {
  Value input = writer.pickRank(4);
  if (!input || !writer.spend(elementsOfItem(input))) {
    return;
  }
  if (writer.choices.oneIn(2)) {
    input = addLayerNorm(writer, input);
  }
  addEpilogue(writer, writer.add<GlobalAvgPoolOp>(input));
}

/// Any order of the dimensions behind the batch.
void fuzz::addPermute(GraphWriter &writer) {
  Value input = writer.pick([](Value) { return true; });
  if (!writer.spend(elementsOfItem(input))) {
    return;
  }
  auto rank = static_cast<int64_t>(shapeOf(input).size());
  Shape left = llvm::to_vector<6>(llvm::seq<int64_t>(1, rank)), permutation{0};
  while (!left.empty()) {
    // The first of what is left keeps the order.
    int64_t next = writer.choices.oneIn(2) ? writer.choices.below(left.size()) : 0;
    permutation.push_back(left[next]);
    left.erase(left.begin() + next);
  }
  writer.add<PermuteOp>(input, permutation);
}

/// conv [batch norm] [silu] ..., dense, on an image as a map.
static void addStem(GraphWriter &writer, Value map) {
  Filter filter;
  drawGeometry(writer.choices, filter);
  filter.channels = writer.drawChannels();
  Value result = addConv(writer, map, filter);
  if (result) {
    addEpilogue(writer, writer.choices.oneIn(2) ? addBatchNorm(writer, result) : result);
  }
}

/// An image [B, C, H, W], to channel last, and a stem.
void fuzz::addImage(GraphWriter &writer) {
  int64_t height = writer.drawExtent(), width = writer.drawExtent();
  int64_t channels = writer.choices.pick<int64_t>({3, 1, 2, 4, 5, 8});
  if (!writer.spend(channels * height * width)) {
    return;
  }
  Value image = writer.input({channels, height, width});
  addStem(writer, writer.add<PermuteOp>(image, ArrayRef<int64_t>{0, 2, 3, 1}));
}

/// An image's bytes [B, H, W, C], normalised, and mostly a stem.
void fuzz::addPixels(GraphWriter &writer) {
  int64_t height = writer.drawExtent(), width = writer.drawExtent();
  int64_t channels = writer.choices.pick<int64_t>({3, 3, 1, 2, 4, 5, 17});
  if (!writer.spend(channels * height * width)) {
    return;
  }
  SmallVector<double> mean, deviation;
  for (int64_t c = 0; c < channels; ++c) {
    mean.push_back(writer.choices.pick<double>({0.0, 0.485, 0.5, -1.25}));
    deviation.push_back(writer.choices.pick<double>({1.0, 0.229, 0.5, 3.0}));
  }
  Value pixels = writer.pixels({height, width, channels});
  Value map = writer.add<NormalizeImageOp>(pixels, mean, deviation);
  if (!writer.choices.oneIn(4)) {
    addStem(writer, map);
  }
}
