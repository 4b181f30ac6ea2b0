//===- AttentionBias.cpp - What is added to the scores of a window --------===//
//
// Formulas: the ops' descriptions in compiler/Dialect/Graph/ParameterOps.td.
//
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Graph/ShapeChecks.h"
#include "compiler/Target/ParameterArithmetic.h"

using namespace mlir;
using namespace oriel;

/// Score of two tokens that must not attend to each other. Finite, as kernels are compiled for
/// finite values; exp(-100) is 0 next to exp(0) in float.
static constexpr double masked = -100.0;

ParameterValues oriel::computeParameter(RelativePositionBiasOp op, ParameterOperands operands) {
  ArrayRef<double> table = operands[0];
  int64_t height = op.getWindow()[0], width = op.getWindow()[1];
  int64_t headCount = shapeOf(op.getTable())[1], tokenCount = height * width;
  ParameterValues bias;
  bias.reserve(headCount * tokenCount * tokenCount);
  for (int64_t head = 0; head < headCount; ++head) {
    for (int64_t i = 0; i < tokenCount; ++i) {
      for (int64_t j = 0; j < tokenCount; ++j) {
        int64_t dy = i / width - j / width + height - 1, dx = i % width - j % width + width - 1;
        bias.push_back(table[(dy * (2 * width - 1) + dx) * headCount + head]);
      }
    }
  }
  return bias;
}

/// The mask of one window, [tokens, tokens], to the end of `mask`. Only in the last row and the
/// last column of windows did the shift bring tokens of two sides of the map together.
static void appendWindowMask(ShiftMaskOp op, bool inLastRow, bool inLastColumn,
                             ParameterValues &mask) {
  int64_t height = op.getWindow()[0], width = op.getWindow()[1];
  auto regionOf = [&](int64_t token) {
    bool isWrappedRow = inLastRow && token / width >= height - op.getShift()[0];
    bool isWrappedColumn = inLastColumn && token % width >= width - op.getShift()[1];
    return 2 * isWrappedRow + isWrappedColumn;
  };
  for (int64_t i = 0; i < height * width; ++i) {
    for (int64_t j = 0; j < height * width; ++j) {
      mask.push_back(regionOf(i) == regionOf(j) ? 0.0 : masked);
    }
  }
}

ParameterValues oriel::computeParameter(ShiftMaskOp op, ParameterOperands) {
  ParameterValues mask;
  if (op.getByClass()) {
    for (int windowClass = 0; windowClass < 4; ++windowClass) {
      appendWindowMask(op, windowClass / 2, windowClass % 2, mask);
    }
    return mask;
  }
  int64_t rows = op.getMap()[0] / op.getWindow()[0], columns = op.getMap()[1] / op.getWindow()[1];
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      appendWindowMask(op, y == rows - 1, x == columns - 1, mask);
    }
  }
  return mask;
}

/// Distances in `shape`'s row-major tensor between neighbours along each dimension of a result of
/// rank `rank`; 0 along repeated dimensions.
static SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> shape, size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  int64_t stride = 1;
  for (size_t i = 1; i <= shape.size(); ++i) {
    int64_t extent = shape[shape.size() - i];
    strides[rank - i] = extent == 1 ? 0 : stride;
    stride *= extent;
  }
  return strides;
}

ParameterValues oriel::computeParameter(AddOp op, ParameterOperands operands) {
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  auto leftStrides = broadcastStrides(shapeOf(op.getLhs()), shape.size());
  auto rightStrides = broadcastStrides(shapeOf(op.getRhs()), shape.size());
  ParameterValues sum(llvm::product_of(shape));
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t left = 0, right = 0;
  for (double &value : sum) {
    value = operands[0][left] + operands[1][right];
    // The next index, and both positions with it.
    for (size_t i = shape.size(); i-- > 0;) {
      left += leftStrides[i];
      right += rightStrides[i];
      if (++index[i] < shape[i]) {
        break;
      }
      left -= leftStrides[i] * shape[i];
      right -= rightStrides[i] * shape[i];
      index[i] = 0;
    }
  }
  return sum;
}
