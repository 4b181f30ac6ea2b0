//===- AttentionLayers.cpp - Heads, their products, and attention ---------===//

#include "tests/fuzz/Layers.h"

using namespace mlir;
using namespace oriel;
using namespace oriel::fuzz;

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// split_heads, or merge_heads where there are heads.
void fuzz::addHeads(GraphWriter &writer) {
  Value heads = writer.pickRank(5);
  if (heads && writer.choices.oneIn(2) && writer.spend(elementsOfItem(heads))) {
    writer.add<MergeHeadsOp>(heads);
    return;
  }
  Value input = writer.pickRank(4);
  if (input && writer.spend(elementsOfItem(input))) {
    int64_t parts = writer.drawDivisor(channelsOf(input));
    int64_t count = writer.drawDivisor(channelsOf(input) / parts);
    writer.add<SplitHeadsOp>(input, count, writer.choices.below(parts), parts);
  }
}

/// A value with itself transposed, or with another one that fits.
void fuzz::addMatmul(GraphWriter &writer) {
  Value lhs = writer.pick([](Value value) { return shapeOf(value).size() >= 3; });
  if (!lhs) {
    return;
  }
  auto shape = shapeOf(lhs);
  bool transposed = !writer.choices.oneIn(2);
  Value rhs = writer.pick([&](Value value) {
    auto other = shapeOf(value);
    return other.size() == shape.size() && other.drop_back(2) == shape.drop_back(2) &&
           other[other.size() - (transposed ? 1 : 2)] == shape.back();
  });
  if (!rhs) {
    return;
  }
  int64_t columns = shapeOf(rhs)[shape.size() - (transposed ? 2 : 1)];
  int64_t elements = elementsOfItem(lhs) / shape.back() * columns;
  if (writer.spend(elements, elements * shape.back())) {
    addEpilogue(writer, writer.add<MatmulOp>(lhs, rhs, transposed));
  }
}

static Value makeWindowTable(GraphWriter &writer, Value scores) {
  int64_t heads = writer.choices.oneIn(2) ? 1 : shapeOf(scores)[2];
  int64_t classes = writer.choices.oneIn(2) ? 1 : 4;
  int64_t shape[] = {classes, heads, shapeOf(scores)[3], shapeOf(scores)[4]};
  return writer.parameter("relative_position_bias_table", shape);
}

static Value addBiasOfClass(GraphWriter &writer, Value scores) {
  int64_t rows = writer.drawDivisor(shapeOf(scores)[1]);
  int64_t windows[] = {rows, shapeOf(scores)[1] / rows};
  return writer.add<AddWindowBiasOp>(scores, makeWindowTable(writer, scores), windows);
}

void fuzz::addWindowBias(GraphWriter &writer) {
  Value scores = writer.pickRank(5);
  if (scores && writer.spend(elementsOfItem(scores))) {
    addBiasOfClass(writer, scores);
  }
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

namespace {

enum class Movement { None, Windows, Patches };

/// One attention while it is written.
class AttentionLayer {
public:
  AttentionLayer(GraphWriter &writer, Value input) : writer(writer), input(input) {}

  void add();

private:
  Value cut(Value value);
  Value join(Value value);
  bool project(Value parts[3]);
  Value scale(Value value, int64_t place);
  Value addTables(Value scores);
  Value relativeBias();
  Value addOneTable(Value scores, int64_t kind);

  GraphWriter &writer;
  Value input;
  Movement movement = Movement::None;
  Shape map;
  int64_t tile[2] = {1, 1}, shift[2] = {0, 0};
  int64_t heads = 1, channels = 1, scaledPlace = 0;
};

} // namespace

Value AttentionLayer::cut(Value value) {
  if (movement == Movement::None) {
    return value;
  }
  if (shift[0] != 0 || shift[1] != 0) {
    value = writer.add<RollOp>(value, ArrayRef<int64_t>{-shift[0], -shift[1]});
  }
  return movement == Movement::Windows ? writer.add<WindowPartitionOp>(value, tile)
                                       : writer.add<UnfoldPatchesOp>(value, tile);
}

Value AttentionLayer::join(Value value) {
  if (movement == Movement::None || writer.choices.oneIn(8)) {
    return value;
  }
  value = movement == Movement::Windows ? writer.add<WindowReverseOp>(value, tile, map)
                                        : writer.add<FoldPatchesOp>(value, tile, map);
  bool isShifted = shift[0] != 0 || shift[1] != 0;
  return isShifted ? writer.add<RollOp>(value, shift) : value;
}

/// q, k and v by heads: of one projection of all three, or of three; the movement into windows
/// before the projection or behind it. False where they cost too much.
bool AttentionLayer::project(Value parts[3]) {
  bool isJoint = !writer.choices.oneIn(3), cutsFirst = !writer.choices.oneIn(2);
  Value tokens = cutsFirst ? cut(input) : input;
  int64_t first = writer.choices.oneIn(6) ? 1 : 0;
  for (int64_t part = 0; part < 3; ++part) {
    Value projected = parts[0];
    if (part == 0 || !isJoint) {
      projected = addLinear(writer, tokens, heads * channels * (isJoint ? 3 : 1));
      if (!projected) {
        return false;
      }
      projected = cutsFirst ? projected : cut(projected);
    }
    parts[part] = projected;
  }
  for (int64_t part = 0; part < 3; ++part) {
    // Rarely q, k and v stand in another order.
    parts[part] = writer.add<SplitHeadsOp>(parts[part], heads, isJoint ? (part + first) % 3 : 0,
                                           isJoint ? 3 : 1);
  }
  return true;
}

Value AttentionLayer::scale(Value value, int64_t place) {
  return scaledPlace == place ? writer.add<ScaleOp>(value, APFloat(0.35355339)) : value;
}

Value AttentionLayer::relativeBias() {
  int64_t rows = (2 * tile[0] - 1) * (2 * tile[1] - 1);
  Value table = writer.parameter("relative_position_bias_table", {rows, heads});
  return writer.compute<RelativePositionBiasOp>(table, tile);
}

/// Adds a table of the kind, where the movement has one.
Value AttentionLayer::addOneTable(Value scores, int64_t kind) {
  bool isWindows = movement == Movement::Windows;
  Value table;
  if (kind == 0 && isWindows) {
    table = relativeBias();
  } else if (kind == 1 && isWindows) {
    table = writer.compute<ShiftMaskOp>(map, tile, shift);
  } else if (kind == 2) {
    return addBiasOfClass(writer, scores);
  } else if (kind == 3) {
    table = writer.parameter("relative_position_bias_table", shapeOf(scores).drop_front(2));
  } else if (kind == 4 && isWindows) {
    int64_t windows[] = {map[0] / tile[0], map[1] / tile[1]};
    table = writer.compute<ShiftMaskOp>(map, tile, shift, /*by_class=*/true);
    return writer.add<AddWindowBiasOp>(scores, table, windows);
  } else if (kind == 5) {
    // Other scores: no parameter.
    table = writer.pick([&](Value value) { return value.getType() == scores.getType(); });
  }
  if (!table) {
    return scores;
  }
  return writer.choices.oneIn(4) ? writer.add<AddOp>(table, scores)
                                 : writer.add<AddOp>(scores, table);
}

Value AttentionLayer::addTables(Value scores) {
  for (int64_t count = writer.choices.pick<int64_t>({0, 1, 1, 2, 2, 3}); count > 0; --count) {
    scores = addOneTable(scores, writer.choices.below(6));
  }
  return scores;
}

void AttentionLayer::add() {
  map = Shape(itemShape(input).take_front(2));
  movement = writer.choices.pick(
      {Movement::None, Movement::Windows, Movement::Windows, Movement::Patches});
  int64_t groups = map[0], tokens = map[1];
  if (movement != Movement::None) {
    for (unsigned i : {0, 1}) {
      tile[i] = writer.drawDivisor(map[i]);
      shift[i] = writer.choices.oneIn(2) ? writer.choices.below(tile[i]) : 0;
    }
    int64_t positions = tile[0] * tile[1], tiles = map[0] * map[1] / positions;
    groups = movement == Movement::Windows ? tiles : positions;
    tokens = movement == Movement::Windows ? positions : tiles;
  }
  heads = writer.choices.pick<int64_t>({1, 2, 3, 4});
  channels = writer.choices.pick<int64_t>({1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33});
  scaledPlace = writer.choices.below(4);
  int64_t scores = groups * heads * tokens * tokens;
  if (!writer.spend(3 * scores, 2 * scores * channels)) {
    return;
  }
  Value residual = input;
  if (writer.choices.oneIn(2)) {
    input = addLayerNorm(writer, input);
  }
  Value parts[3];
  if (!project(parts)) {
    return;
  }
  Value products = writer.add<MatmulOp>(scale(parts[0], 1), parts[1], /*transpose_rhs=*/true);
  Value weights = writer.add<SoftmaxOp>(addTables(scale(products, 2)));
  Value result = writer.add<MergeHeadsOp>(writer.add<MatmulOp>(weights, parts[2]));
  bool projectsFirst = writer.choices.oneIn(2);
  result = projectsFirst ? result : join(result);
  result = addLinear(writer, result, channelsOf(residual));
  if (!result) {
    return;
  }
  result = projectsFirst ? join(result) : result;
  if (writer.choices.oneIn(4)) {
    addEpilogue(writer, result);
  } else if (result.getType() == residual.getType()) {
    writer.add<AddOp>(residual, result);
  }
}

void fuzz::addAttention(GraphWriter &writer) {
  Value input = writer.pickRank(4);
  if (input && writer.spend(elementsOfItem(input))) {
    AttentionLayer(writer, input).add();
  }
}
