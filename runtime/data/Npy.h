// Dense arrays of float32 and uint8 in NumPy's .npy files, versions 1.0 and 2.0
// (numpy/numpy:doc/source/reference/generated/numpy.lib.format).

#ifndef ORIEL_RUNTIME_DATA_NPY_H
#define ORIEL_RUNTIME_DATA_NPY_H

#include "oriel/data/Transform.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oriel {

struct FloatArray {
  std::vector<int64_t> shape;
  /// Row-major, the product of `shape` values.
  std::vector<float> values;
};

/// "[4, 3, 224, 224]".
std::string shapeText(const std::vector<int64_t> &shape);

/// Reads a little-endian float32 array in C order. False with one line in `error` that names the
/// file, what is wrong and what to do.
bool readNpy(const std::string &path, FloatArray &array, std::string &error);

/// Reads an array of array.elementType, likewise.
bool readNpy(const std::string &path, data::Tensor &array, std::string &error);

/// Writes `array` as version 1.0. The file is written beside `path` and renamed, so that a failure
/// leaves nothing; what is not a regular file (a pipe, /dev/stdout) is written directly.
bool writeNpy(const std::string &path, const FloatArray &array, std::string &error);

} // namespace oriel

#endif // ORIEL_RUNTIME_DATA_NPY_H
