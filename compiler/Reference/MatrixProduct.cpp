//===- MatrixProduct.cpp - The sums behind linear, matmul and conv2d ------===//

#include "compiler/Reference/MatrixProduct.h"

#include <algorithm>
#include <array>

using namespace oriel;

DoubleMatrix oriel::transposed(const float *matrix, int64_t rows, int64_t columns) {
  DoubleMatrix result(columns, rows);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      result.at(column, row) = matrix[row * columns + column];
    }
  }
  return result;
}

// A block of sums that stays in the first-level cache (8 KB) while a row of rhs is used blockRows
// times.
static constexpr int64_t blockRows = 8, blockColumns = 128;

namespace {
struct SumBlock {
  int64_t rows, columns;
  std::array<double, blockRows * blockColumns> sums{};

  /// sums[m][n] += lhs[m] * rhs[n]; the rows of lhs lie `pitch` elements apart.
  void addOuterProduct(const float *lhs, int64_t pitch, const double *rhs) {
    for (int64_t m = 0; m < rows; ++m) {
      double factor = lhs[m * pitch];
      double *row = &sums[m * blockColumns];
      for (int64_t n = 0; n < columns; ++n) {
        row[n] += factor * rhs[n];
      }
    }
  }
};
} // namespace

void oriel::multiplyRows(const float *lhs, int64_t count, const DoubleMatrix &rhs,
                         const float *bias, float *result, int64_t pitch) {
  for (int64_t n0 = 0; n0 < rhs.columns; n0 += blockColumns) {
    for (int64_t m0 = 0; m0 < count; m0 += blockRows) {
      SumBlock block{std::min(blockRows, count - m0), std::min(blockColumns, rhs.columns - n0)};
      for (int64_t k = 0; k < rhs.rows; ++k) {
        block.addOuterProduct(lhs + m0 * rhs.rows + k, rhs.rows, &rhs.values[k * rhs.columns + n0]);
      }
      for (int64_t m = 0; m < block.rows; ++m) {
        for (int64_t n = 0; n < block.columns; ++n) {
          double sum = block.sums[m * blockColumns + n];
          result[(m0 + m) * pitch + n0 + n] = static_cast<float>(bias ? sum + bias[n0 + n] : sum);
        }
      }
    }
  }
}
