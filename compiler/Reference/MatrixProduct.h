//===- MatrixProduct.h - The sums behind linear, matmul and conv2d --------===//
#ifndef ORIEL_COMPILER_REFERENCE_MATRIXPRODUCT_H
#define ORIEL_COMPILER_REFERENCE_MATRIXPRODUCT_H

#include <cstdint>
#include <vector>

namespace oriel {

/// A matrix [K, N] in double precision, row-major.
struct DoubleMatrix {
  int64_t rows, columns;
  std::vector<double> values;

  DoubleMatrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(rows * columns) {}
  double &at(int64_t row, int64_t column) { return values[row * columns + column]; }
};

/// The transpose of a row-major float matrix [rows, columns].
DoubleMatrix transposed(const float *matrix, int64_t rows, int64_t columns);

/// `result[m][n] = sum_k lhs[m][k] * rhs[k][n] + bias[n]` for `count` rows m. The sum is taken in
/// double precision, k ascending, and rounded once. `bias` may be null; the rows of lhs are
/// contiguous, those of `result` lie `pitch` elements apart.
void multiplyRows(const float *lhs, int64_t count, const DoubleMatrix &rhs, const float *bias,
                  float *result, int64_t pitch);

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_MATRIXPRODUCT_H
