//===- WinogradFilter.cpp - 3x3 filters for tiles of 2x2 results ----------===//

#include "compiler/Target/ParameterArithmetic.h"

using namespace oriel;

// G x for x of three elements; `stride` apart in both.
static void transformColumn(const double *x, double *result, size_t stride) {
  double even = (x[0] + x[2 * stride]) / 2, odd = x[stride] / 2;
  result[0] = x[0];
  result[stride] = even + odd;
  result[2 * stride] = even - odd;
  result[3 * stride] = x[2 * stride];
}

// G g G^T = (G (G g)^T)^T
ParameterValues oriel::computeParameter(WinogradFilterOp, ParameterOperands operands) {
  llvm::ArrayRef<double> filter = operands[0];
  ParameterValues result(filter.size() / 9 * 16);
  for (size_t index = 0; index < filter.size() / 9; ++index) {
    double rows[3][4], columns[16], *transformed = &result[index * 16];
    for (size_t y = 0; y < 3; ++y) {
      transformColumn(&filter[index * 9 + y * 3], rows[y], 1);
    }
    for (size_t x = 0; x < 4; ++x) {
      for (size_t y = 0; y < 3; ++y) {
        columns[y * 4 + x] = rows[y][x];
      }
      transformColumn(&columns[x], &transformed[x], 4);
    }
  }
  return result;
}
