// The kernels that compiler/Kernels/Preprocessing.cpp writes when the project is built, for each
// level of x86-64, and the choice among them.

#ifndef ORIEL_RUNTIME_DATA_PREPROCESSINGKERNELS_H
#define ORIEL_RUNTIME_DATA_PREPROCESSINGKERNELS_H

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace oriel::data {

/// Weights are in fixed point with so many bits behind the point: python-pillow/Pillow:
/// src/libImaging/Resample.c, PRECISION_BITS.
constexpr int resizePrecisionBits = 32 - 8 - 2;

/// resizeColumns takes eight rows at once, four bytes a pixel: for each column, these bytes.
constexpr int columnBlockRows = 8;
constexpr int columnBlockBytes = 4 * columnBlockRows;

/// The fewest bytes of a row that resizeRows takes.
constexpr int rowTileBytes = 64;

/// halide_dimension_t of halide/Halide:src/runtime/HalideRuntime.h, v21; the stride in elements.
struct KernelDimension {
  int32_t min;
  int32_t extent;
  int32_t stride;
  uint32_t flags;
};

/// halide_type_t.
struct KernelType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};

/// halide_buffer_t.
struct KernelBuffer {
  uint64_t device;
  const void *deviceInterface;
  uint8_t *host;
  uint64_t flags;
  KernelType type;
  int32_t dimensions;
  KernelDimension *dim;
  void *padding;
};

/// A buffer of a kernel and its dimensions. Elements are bytes, 32-bit integers or floats.
class KernelArray {
public:
  /// Dense in its first dimension, the rows `stride` elements apart.
  template <typename T>
  KernelArray(T *data, size_t extent, size_t rows = 1, size_t stride = 0) {
    dimensions[0] = {0, int32_t(extent), 1, 0};
    dimensions[1] = {0, int32_t(rows), int32_t(stride == 0 ? extent : stride), 0};
    buffer.host = const_cast<uint8_t *>(reinterpret_cast<const uint8_t *>(data));
    buffer.type = typeOf<std::remove_const_t<T>>();
    buffer.dimensions = 2;
    buffer.dim = dimensions;
  }
  KernelArray(const KernelArray &) = delete;
  KernelArray &operator=(const KernelArray &) = delete;

  operator KernelBuffer *() { return &buffer; }

private:
  template <typename T>
  static constexpr KernelType typeOf() {
    static_assert(std::is_same_v<T, uint8_t> || std::is_same_v<T, int32_t> ||
                  std::is_same_v<T, float>);
    // halide_type_code_t: 0 is signed, 1 unsigned, 2 floating-point.
    uint8_t code = std::is_floating_point_v<T> ? 2 : std::is_unsigned_v<T> ? 1 : 0;
    return {code, 8 * sizeof(T), 1};
  }

  KernelDimension dimensions[2] = {};
  KernelBuffer buffer = {};
};

/// What one level of the processor runs. Each returns 0. Arrays as [rows][extent]:
///   resizeRows, resizeNarrowRows   in [rows][bytes], begins [outRows], weights [outRows][taps],
///                                  out [outRows][bytes]
///   resizeColumns                  in [columns][columnBlockBytes], begins [outColumns],
///                                  weights [outColumns][taps], out [outColumns][columnBlockBytes]
///   normalize                      in [pixels * 3], means [3], deviations [3], out [3][pixels]
/// The taps of all outputs lie within the input.
struct PreprocessingKernels {
  using Function = int (*)(KernelBuffer *, KernelBuffer *, KernelBuffer *, KernelBuffer *);
  const char *level;
  Function resizeRows;
  Function resizeNarrowRows;
  Function resizeColumns;
  Function normalize;
};

/// Of every level of x86-64 that this processor runs, the best one last.
std::vector<PreprocessingKernels> availablePreprocessingKernels();

/// Of the best level.
const PreprocessingKernels &preprocessingKernels();

} // namespace oriel::data

#endif // ORIEL_RUNTIME_DATA_PREPROCESSINGKERNELS_H
