//===- RowOps.cpp - Constraints of the ops on rows and elements -----------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"

using namespace mlir;
using namespace oriel;

ORIEL_INFER(SiluOp) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

ORIEL_INFER(GeluOp) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

ORIEL_INFER(ScaleOp) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

// scale {1}(x) = x
OpFoldResult ScaleOp::fold(FoldAdaptor) {
  return getFactor().convertToDouble() == 1.0 ? getInput() : OpFoldResult();
}

ORIEL_INFER(AddOp) {
  ShapeCheck check(location, "add");
  auto lhs = shapeOf(adaptor.getLhs()), rhs = shapeOf(adaptor.getRhs());
  SmallVector<int64_t> result(std::max(lhs.size(), rhs.size()));
  for (size_t i = 1; i <= result.size(); ++i) {
    int64_t left = i <= lhs.size() ? lhs[lhs.size() - i] : 1;
    int64_t right = i <= rhs.size() ? rhs[rhs.size() - i] : 1;
    if (!check.require(left == right || left == 1 || right == 1, "C1", "shapes ", formatShape(lhs),
                       " and ", formatShape(rhs), " do not broadcast")) {
      return failure();
    }
    result[result.size() - i] = std::max(left, right);
  }
  types.push_back(tensorOf(context, result));
  return success();
}

ORIEL_INFER(LayerNormOp) {
  ShapeCheck check(location, "layer_norm");
  auto shape = shapeOf(adaptor.getInput());
  if (!check.require(!shape.empty(), "C1", "input has rank 0")) {
    return failure();
  }
  check.shape(adaptor.getGamma(), shape.take_back(1), "C2", "gamma") &&
      check.shape(adaptor.getBeta(), shape.take_back(1), "C2", "beta");
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getInput().getType());
  return success();
}

ORIEL_INFER(LinearOp) {
  ShapeCheck check(location, "linear");
  auto shape = shapeOf(adaptor.getInput()), weight = shapeOf(adaptor.getWeight());
  check.require(!shape.empty(), "C1", "input has rank 0") &&
      check.rank(adaptor.getWeight(), 2, "C2", "weight") &&
      check.require(shape.back() == weight[1], "C3", "input ", formatShape(shape), " has rows of ",
                    shape.back(), ", weight ", formatShape(weight), " expects ", weight[1]) &&
      check.shape(adaptor.getBias(), weight.take_front(1), "C4", "bias");
  if (check.failed()) {
    return failure();
  }
  SmallVector<int64_t> result(shape);
  result.back() = weight[0];
  types.push_back(tensorOf(context, result));
  return success();
}

int64_t LinearOp::getFlops() { return 2 * getType().getNumElements() * shapeOf(getWeight())[1]; }
