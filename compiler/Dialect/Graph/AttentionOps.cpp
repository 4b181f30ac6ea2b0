//===- AttentionOps.cpp - Constraints of the attention's ops --------------===//

#include "compiler/Dialect/Graph/GraphDialect.h"
#include "compiler/Dialect/Graph/ShapeChecks.h"

using namespace mlir;
using namespace oriel;

ORIEL_INFER(SplitHeadsOp) {
  ShapeCheck check(location, "split_heads");
  if (!check.rank(adaptor.getInput(), 4, "C1", "input")) {
    return failure();
  }
  auto shape = shapeOf(adaptor.getInput());
  int64_t heads = adaptor.getHeads(), part = adaptor.getPart(), parts = adaptor.getParts();
  check.require(heads > 0 && parts > 0, "C2", "heads and parts must be positive") &&
      check.require(part >= 0 && part < parts, "C3", "part ", part, " is not one of ", parts) &&
      check.require(shape[3] % (heads * parts) == 0, "C4", shape[3], " channels are not ", parts,
                    " parts of ", heads, " equal heads");
  if (check.failed()) {
    return failure();
  }
  types.push_back(
      tensorOf(context, {shape[0], shape[1], heads, shape[2], shape[3] / (heads * parts)}));
  return success();
}

ORIEL_INFER(MergeHeadsOp) {
  ShapeCheck check(location, "merge_heads");
  if (!check.rank(adaptor.getInput(), 5, "C1", "input")) {
    return failure();
  }
  auto shape = shapeOf(adaptor.getInput());
  types.push_back(tensorOf(context, {shape[0], shape[1], shape[3], shape[2] * shape[4]}));
  return success();
}

ORIEL_INFER(MatmulOp) {
  ShapeCheck check(location, "matmul");
  auto lhs = shapeOf(adaptor.getLhs()), rhs = shapeOf(adaptor.getRhs());
  if (!check.require(lhs.size() >= 2 && rhs.size() == lhs.size() &&
                         lhs.drop_back(2) == rhs.drop_back(2),
                     "C1", "operands ", formatShape(lhs), " and ", formatShape(rhs),
                     " need equal leading dimensions and rank 2 or more")) {
    return failure();
  }
  int64_t rows = rhs[rhs.size() - 2], columns = rhs.back();
  if (adaptor.getTransposeRhs()) {
    std::swap(rows, columns);
  }
  if (!check.require(lhs.back() == rows, "C2", "lhs ", formatShape(lhs), " has ", lhs.back(),
                     " columns, rhs ", formatShape(rhs), " expects ", rows)) {
    return failure();
  }
  SmallVector<int64_t> result(lhs);
  result.back() = columns;
  types.push_back(tensorOf(context, result));
  return success();
}

int64_t MatmulOp::getFlops() { return 2 * getType().getNumElements() * shapeOf(getLhs()).back(); }

ORIEL_INFER(SoftmaxOp) {
  ShapeCheck check(location, "softmax");
  if (!check.require(!shapeOf(adaptor.getInput()).empty(), "C1", "input has rank 0")) {
    return failure();
  }
  types.push_back(adaptor.getInput().getType());
  return success();
}

ORIEL_INFER(AddWindowBiasOp) {
  ShapeCheck check(location, "add_window_bias");
  if (!check.rank(adaptor.getScores(), 5, "C1", "scores") ||
      !check.rank(adaptor.getTable(), 4, "C1", "table")) {
    return failure();
  }
  auto scores = shapeOf(adaptor.getScores()), table = shapeOf(adaptor.getTable());
  auto windows = adaptor.getWindows();
  check.require(windows.size() == 2 && windows[0] > 0 && windows[1] > 0 &&
                    windows[0] * windows[1] == scores[1],
                "C2", "windows must be two numbers with the product ", scores[1]) &&
      check.require(table[0] == 1 || table[0] == 4, "C3", "table has ", table[0],
                    " classes, expected 1 or 4") &&
      check.require((table[1] == 1 || table[1] == scores[2]) && table[2] == scores[3] &&
                        table[3] == scores[4],
                    "C4", "table ", formatShape(table), " does not fit scores ",
                    formatShape(scores));
  if (check.failed()) {
    return failure();
  }
  types.push_back(adaptor.getScores().getType());
  return success();
}
