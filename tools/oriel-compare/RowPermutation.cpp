//===- RowPermutation.cpp - Two tensors with the same rows ----------------===//

#include "tools/oriel-compare/RowPermutation.h"

#include "compiler/Reference/RandomTensors.h"
#include "tools/oriel-compare/Difference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace oriel;

/// The rows in the order of their products with a fixed random vector: equal rows of two tensors
/// come at equal places, nearly equal ones at equal or neighbouring places.
static std::vector<int64_t> sortRows(const Tensor &tensor) {
  int64_t length = tensor.rowLength();
  Tensor direction = makeRandomTensor({length}, /*seed=*/1);
  std::vector<double> products(static_cast<size_t>(tensor.rowCount()));
  for (size_t row = 0; row < products.size(); ++row) {
    const float *values = &tensor.values[row * static_cast<size_t>(length)];
    products[row] = std::inner_product(values, values + length, direction.values.begin(), 0.0);
  }
  std::vector<int64_t> order(products.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::pair(products[a], a) < std::pair(products[b], b);
  });
  return order;
}

/// Whether two rows are the same but for rounding.
static bool areAlike(const float *a, const float *b, int64_t length) {
  double errors = 0, squares = 0;
  for (int64_t i = 0; i < length; ++i) {
    errors += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
    squares += double(a[i]) * a[i];
  }
  return errors <= squares * sameValueDistance * sameValueDistance;
}

std::optional<std::vector<int64_t>> oriel::findRowPermutation(const Tensor &from,
                                                              const Tensor &to) {
  if (from.values.size() != to.values.size() || from.rowLength() != to.rowLength()) {
    return std::nullopt;
  }
  // Rounding may exchange rows whose products are nearly the same.
  constexpr size_t reach = 8;
  int64_t length = from.rowLength();
  std::vector<int64_t> fromOrder = sortRows(from), toOrder = sortRows(to);
  std::vector<int64_t> result(fromOrder.size());
  for (size_t i = 0; i < fromOrder.size(); ++i) {
    const float *row = &from.values[fromOrder[i] * length];
    size_t end = std::min(toOrder.size(), i + reach);
    size_t match = i;
    while (match < end && !areAlike(row, &to.values[toOrder[match] * length], length)) {
      ++match;
    }
    if (match == end) {
      return std::nullopt;
    }
    std::swap(toOrder[i], toOrder[match]);
    result[fromOrder[i]] = toOrder[i];
  }
  return result;
}

Tensor oriel::permuteRows(const Tensor &tensor, const std::vector<int64_t> &order,
                          const Tensor &like) {
  Tensor result = Tensor::zeros(like.shape);
  int64_t length = like.rowLength();
  for (size_t row = 0; row < order.size(); ++row) {
    std::copy_n(tensor.values.begin() + order[row] * length, length,
                result.values.begin() + static_cast<int64_t>(row) * length);
  }
  return result;
}
