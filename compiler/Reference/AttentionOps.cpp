//===- AttentionOps.cpp - The meaning of the attention's ops --------------===//

#include "compiler/Reference/MatrixProduct.h"
#include "compiler/Reference/OpEvaluation.h"

#include <algorithm>
#include <cmath>

using namespace oriel;

/// Calls `body(b, g, h, t, c)` for each element of heads [B, G, heads, T, d].
template <typename Body>
static void forEachHeadElement(const Tensor &heads, Body body) {
  for (int64_t b = 0; b < heads.shape[0]; ++b) {
    for (int64_t g = 0; g < heads.shape[1]; ++g) {
      for (int64_t h = 0; h < heads.shape[2]; ++h) {
        for (int64_t t = 0; t < heads.shape[3]; ++t) {
          for (int64_t c = 0; c < heads.shape[4]; ++c) {
            body(b, g, h, t, c);
          }
        }
      }
    }
  }
}

Tensor oriel::evaluate(SplitHeadsOp op, Operands<SplitHeadsOp> operands) {
  const Tensor &input = *operands.getInput();
  int64_t heads = op.getHeads(), part = op.getPart();
  Tensor result = makeResult(op);
  int64_t size = result.rowLength();
  forEachHeadElement(result, [&](int64_t b, int64_t g, int64_t h, int64_t t, int64_t c) {
    result.at(b, g, h, t, c) = input.at(b, g, t, (part * heads + h) * size + c);
  });
  return result;
}

Tensor oriel::evaluate(MergeHeadsOp op, Operands<MergeHeadsOp> operands) {
  const Tensor &input = *operands.getInput();
  int64_t size = input.rowLength();
  Tensor result = makeResult(op);
  forEachHeadElement(input, [&](int64_t b, int64_t g, int64_t h, int64_t t, int64_t c) {
    result.at(b, g, t, h * size + c) = input.at(b, g, h, t, c);
  });
  return result;
}

/// A row-major float matrix in double precision.
static DoubleMatrix widened(const float *matrix, int64_t rows, int64_t columns) {
  DoubleMatrix result(rows, columns);
  std::copy_n(matrix, rows * columns, result.values.begin());
  return result;
}

Tensor oriel::evaluate(MatmulOp op, Operands<MatmulOp> operands) {
  const Tensor &lhs = *operands.getLhs(), &rhs = *operands.getRhs();
  Tensor result = makeResult(op);
  int64_t depth = lhs.shape.back(), columns = result.shape.back();
  int64_t rows = lhs.shape[lhs.shape.size() - 2];
  int64_t pairs = result.rowCount() / rows;
  for (int64_t pair = 0; pair < pairs; ++pair) {
    const float *matrix = &rhs.values[pair * depth * columns];
    multiplyRows(&lhs.values[pair * rows * depth], rows,
                 op.getTransposeRhs() ? transposed(matrix, columns, depth)
                                      : widened(matrix, depth, columns),
                 /*bias=*/nullptr, &result.values[pair * rows * columns], columns);
  }
  return result;
}

Tensor oriel::evaluate(SoftmaxOp, Operands<SoftmaxOp> operands) {
  Tensor result = *operands.getInput();
  int64_t length = result.rowLength();
  for (int64_t row = 0; row < result.rowCount(); ++row) {
    float *values = &result.values[row * length];
    double maximum = *std::max_element(values, values + length), sum = 0;
    for (int64_t j = 0; j < length; ++j) {
      sum += std::exp(values[j] - maximum);
    }
    for (int64_t j = 0; j < length; ++j) {
      values[j] = std::exp(values[j] - maximum) / sum;
    }
  }
  return result;
}

Tensor oriel::evaluate(AddWindowBiasOp op, Operands<AddWindowBiasOp> operands) {
  const Tensor &table = *operands.getTable();
  auto windows = op.getWindows();
  Tensor result = *operands.getScores();
  forEachHeadElement(result, [&](int64_t b, int64_t g, int64_t h, int64_t i, int64_t j) {
    int64_t y = g / windows[1], x = g % windows[1];
    int64_t windowClass = 2 * (y == windows[0] - 1) + (x == windows[1] - 1);
    result.at(b, g, h, i, j) +=
        table.at(table.shape[0] == 1 ? 0 : windowClass, table.shape[1] == 1 ? 0 : h, i, j);
  });
  return result;
}
