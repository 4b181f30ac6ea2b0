//===- Winograd.cpp - 3x3 convolutions by tiles of 2x2 results ------------===//
//
//   filter: U = G g G^T        convolution: Y = A^T (sum over i of U * (B^T d B)) A
//
// Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.1.
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Winograd.h"

#include "compiler/Reference/MatrixProduct.h"

#include <array>
#include <cmath>

using namespace oriel;

namespace {

template <size_t Rows, size_t Columns>
using Matrix = std::array<std::array<double, Columns>, Rows>;

constexpr Matrix<4, 3> filterMatrix{{{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};
constexpr Matrix<4, 4> inputMatrix{{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}};
constexpr Matrix<2, 4> outputMatrix{{{1, 1, 1, 0}, {0, 1, -1, -1}}};

enum class Signs { Kept, Dropped };

} // namespace

/// M x M^T, as M (M x^T)^T.
template <size_t Rows, size_t Columns>
static Matrix<Rows, Rows> transform(Matrix<Rows, Columns> matrix, const Matrix<Columns, Columns> &x,
                                    Signs signs) {
  if (signs == Signs::Dropped) {
    for (auto &row : matrix) {
      for (double &factor : row) {
        factor = std::fabs(factor);
      }
    }
  }
  Matrix<Rows, Columns> half{};
  Matrix<Rows, Rows> result{};
  for (size_t i = 0; i < Rows; ++i) {
    for (size_t k = 0; k < Columns; ++k) {
      for (size_t l = 0; l < Columns; ++l) {
        half[i][l] += matrix[i][k] * x[k][l];
      }
    }
    for (size_t j = 0; j < Rows; ++j) {
      for (size_t l = 0; l < Columns; ++l) {
        result[i][j] += half[i][l] * matrix[j][l];
      }
    }
  }
  return result;
}

static Tensor transformFilter(WinogradFilterOp op, const Tensor &filter, Signs signs) {
  Tensor result = makeResult(op);
  for (int64_t o = 0; o < filter.shape[0]; ++o) {
    for (int64_t i = 0; i < filter.shape[1]; ++i) {
      Matrix<3, 3> taps;
      for (size_t y = 0; y < 3; ++y) {
        for (size_t x = 0; x < 3; ++x) {
          taps[y][x] = filter.at(o, i, y, x);
        }
      }
      Matrix<4, 4> transformed = transform(filterMatrix, taps, signs);
      for (size_t y = 0; y < 4; ++y) {
        for (size_t x = 0; x < 4; ++x) {
          result.at(o, i, y, x) = float(transformed[y][x]);
        }
      }
    }
  }
  return result;
}

namespace {

/// One convolution, tile by tile.
class TiledConvolution {
public:
  TiledConvolution(WinogradConv2DOp op, Operands<WinogradConv2DOp> operands, Signs signs)
      : input(*operands.getInput()), bias(operands.getBias()), padding(op.getPadding()),
        signs(signs), result(makeResult(op)) {
    const Tensor &filter = *operands.getFilter();
    for (size_t k = 0; k < 16; ++k) {
      filters.emplace_back(filter.shape[1], filter.shape[0]);
      for (int64_t i = 0; i < filter.shape[1]; ++i) {
        for (int64_t o = 0; o < filter.shape[0]; ++o) {
          filters.back().at(i, o) = filter.at(o, i, k / 4, k % 4);
        }
      }
    }
  }

  Tensor run() {
    for (int64_t b = 0; b < result.shape[0]; ++b) {
      for (int64_t y = 0; y < result.shape[1]; y += 2) {
        for (int64_t x = 0; x < result.shape[2]; x += 2) {
          computeTile(b, y, x);
        }
      }
    }
    return std::move(result);
  }

private:
  /// B^T d B of each input channel.
  std::vector<Matrix<4, 4>> transformInput(int64_t b, int64_t top, int64_t left) const {
    std::vector<Matrix<4, 4>> transformed;
    for (int64_t i = 0; i < input.shape[3]; ++i) {
      Matrix<4, 4> values;
      for (int64_t dy = 0; dy < 4; ++dy) {
        for (int64_t dx = 0; dx < 4; ++dx) {
          int64_t y = top + dy, x = left + dx;
          bool inside = y >= 0 && y < input.shape[1] && x >= 0 && x < input.shape[2];
          values[size_t(dy)][size_t(dx)] = inside ? input.at(b, y, x, i) : 0.0f;
        }
      }
      transformed.push_back(transform(inputMatrix, values, signs));
    }
    return transformed;
  }

  void computeTile(int64_t b, int64_t y, int64_t x) {
    auto transformed = transformInput(b, y - padding[0], x - padding[1]);
    auto outputs = size_t(result.shape[3]);
    // [position in the tile][output channel]
    std::vector<double> sums(16 * outputs);
    for (size_t k = 0; k < 16; ++k) {
      for (size_t i = 0; i < transformed.size(); ++i) {
        double value = transformed[i][k / 4][k % 4];
        const double *weights = &filters[k].values[i * outputs];
        for (size_t o = 0; o < outputs; ++o) {
          sums[k * outputs + o] += value * weights[o];
        }
      }
    }
    for (size_t o = 0; o < outputs; ++o) {
      storeTile(b, y, x, o, sums);
    }
  }

  void storeTile(int64_t b, int64_t y, int64_t x, size_t o, const std::vector<double> &sums) {
    Matrix<4, 4> products;
    for (size_t k = 0; k < 16; ++k) {
      products[k / 4][k % 4] = sums[k * size_t(result.shape[3]) + o];
    }
    Matrix<2, 2> tile = transform(outputMatrix, products, signs);
    for (int64_t dy = 0; dy < std::min<int64_t>(2, result.shape[1] - y); ++dy) {
      for (int64_t dx = 0; dx < std::min<int64_t>(2, result.shape[2] - x); ++dx) {
        result.at(b, y + dy, x + dx, o) =
            float(tile[size_t(dy)][size_t(dx)] + (bias ? bias->values[o] : 0.0f));
      }
    }
  }

  const Tensor &input, *bias;
  /// [I, O] for each position in the tile.
  std::vector<DoubleMatrix> filters;
  llvm::ArrayRef<int64_t> padding;
  Signs signs;
  Tensor result;
};

} // namespace

Tensor oriel::evaluate(WinogradFilterOp op, Operands<WinogradFilterOp> operands) {
  return transformFilter(op, *operands.getFilter(), Signs::Kept);
}

Tensor oriel::evaluate(WinogradConv2DOp op, Operands<WinogradConv2DOp> operands) {
  return TiledConvolution(op, operands, Signs::Kept).run();
}

Tensor oriel::evaluateMagnitudes(WinogradFilterOp op, Operands<WinogradFilterOp> operands) {
  return transformFilter(op, *operands.getFilter(), Signs::Dropped);
}

Tensor oriel::evaluateMagnitudes(WinogradConv2DOp op, Operands<WinogradConv2DOp> operands) {
  return TiledConvolution(op, operands, Signs::Dropped).run();
}
