//===- Tensor.h - Values of the reference interpreter ---------------------===//
#ifndef ORIEL_COMPILER_REFERENCE_TENSOR_H
#define ORIEL_COMPILER_REFERENCE_TENSOR_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace oriel {

/// Number of elements of a shape; 1 for a scalar's.
template <typename Shape>
int64_t countElements(const Shape &shape) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    count *= extent;
  }
  return count;
}

/// A float32 tensor in row-major order: the last dimension is contiguous. Pixels, which are of 8
/// bits, are whole numbers from 0 to 255 here.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> values;

  Tensor() = default;
  Tensor(std::vector<int64_t> shape, std::vector<float> values)
      : shape(std::move(shape)), values(std::move(values)) {
    assert(static_cast<int64_t>(this->values.size()) == countElements(this->shape));
  }

  /// A tensor of zeros.
  template <typename Shape>
  static Tensor zeros(const Shape &shape) {
    return Tensor({shape.begin(), shape.end()}, std::vector<float>(countElements(shape)));
  }

  /// The element of one index per dimension, unchecked.
  template <typename... Indices>
  float &at(Indices... indices) {
    return values[offsetOf(indices...)];
  }
  template <typename... Indices>
  float at(Indices... indices) const {
    return values[offsetOf(indices...)];
  }

  /// Length and number of the rows (the last dimension). Rank 1 or more.
  int64_t rowLength() const { return shape.back(); }
  int64_t rowCount() const {
    int64_t count = 1;
    for (size_t i = 0; i + 1 < shape.size(); ++i) {
      count *= shape[i];
    }
    return count;
  }

private:
  template <typename... Indices>
  int64_t offsetOf(Indices... indices) const {
    assert(sizeof...(indices) == shape.size());
    int64_t offset = 0;
    size_t dimension = 0;
    ((offset = offset * shape[dimension++] + indices), ...);
    return offset;
  }
};

} // namespace oriel

#endif // ORIEL_COMPILER_REFERENCE_TENSOR_H
