#include "runtime/data/Resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace oriel::data;

namespace {

double bilinearWeight(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

/// Keys' cubic convolution with a = -0.5.
double bicubicWeight(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) {
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  }
  return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

/// The input pixels that make each output pixel of a line: `taps` from its begin on, with weights
/// in fixed point. Those with fewer have weights of 0 at an end.
struct Filter {
  int taps = 0;
  std::vector<int32_t> begins;
  /// [outputs][taps]
  std::vector<int32_t> weights;

  int outputs() const { return int(begins.size()); }
};

/// A range of input pixels of a line.
struct Extent {
  int begin;
  int end;

  int size() const { return end - begin; }
};

/// How the pixels of a resized line lie over those of the input.
struct Scale {
  Scale(int inputSize, int64_t outputSize, Interpolation interpolation)
      : inputSize(inputSize), isBicubic(interpolation == Interpolation::Bicubic),
        scale(double(inputSize) / double(outputSize)), filterScale(std::max(scale, 1.0)) {}

  double centerOf(int64_t output) const { return (double(output) + 0.5) * scale; }
  /// The input pixels that make an output pixel.
  Extent extentOf(int64_t output) const {
    double center = centerOf(output), support = (isBicubic ? 2.0 : 1.0) * filterScale;
    return {std::max(int(center - support + 0.5), 0),
            std::min(int(center + support + 0.5), inputSize)};
  }
  /// Not normalised.
  double weightOf(int input, double center) const {
    double distance = (input - center + 0.5) * (1.0 / filterScale);
    return isBicubic ? bicubicWeight(distance) : bilinearWeight(distance);
  }

  int inputSize;
  bool isBicubic;
  double scale;
  double filterScale;
};

/// precompute_coeffs and normalize_coeffs_8bpc, for output pixels [first, first + count).
Filter makeFilter(const Scale &scale, int64_t first, int count) {
  Filter filter;
  for (int64_t output = first; output < first + count; ++output) {
    filter.taps = std::max(filter.taps, scale.extentOf(output).size());
  }
  filter.begins.reserve(size_t(count));
  filter.weights.resize(size_t(filter.taps) * size_t(count));
  std::vector<double> line(size_t(filter.taps));
  int32_t *weights = filter.weights.data();
  for (int64_t output = first; output < first + count; ++output, weights += filter.taps) {
    Extent extent = scale.extentOf(output);
    double center = scale.centerOf(output), sum = 0.0;
    for (int x = extent.begin; x < extent.end; ++x) {
      line[size_t(x - extent.begin)] = scale.weightOf(x, center);
      sum += line[size_t(x - extent.begin)];
    }
    filter.begins.push_back(std::min(extent.begin, scale.inputSize - filter.taps));
    int32_t *used = weights + (extent.begin - filter.begins.back());
    for (int i = 0; i < extent.size(); ++i) {
      double weight = sum != 0.0 ? line[size_t(i)] / sum : line[size_t(i)];
      double fixed = weight * (1 << resizePrecisionBits);
      *used++ = int32_t(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  return filter;
}

/// The input pixels that a filter reads, from which its begins count from here on.
Extent takeExtent(Filter &filter) {
  Extent extent = {filter.begins.front(), filter.begins.back() + filter.taps};
  for (int32_t &begin : filter.begins) {
    begin -= extent.begin;
  }
  return extent;
}

/// The bytes of pixel (x, y).
const uint8_t *pixelOf(const Image &image, int x, int y) {
  return image.pixels.data() + (size_t(y) * size_t(image.width) + size_t(x)) * 3;
}

/// Rows y to y + columnBlockRows of the columns, or to `end`, for resizeColumns: pixels of four
/// bytes, of which the last is arbitrary, all rows of a column together.
void packColumns(const Image &image, Extent columns, int y, int end, std::vector<uint8_t> &packed) {
  const uint8_t *rows[columnBlockRows];
  for (int row = 0; row < columnBlockRows; ++row) {
    rows[row] = pixelOf(image, columns.begin, std::min(y + row, end - 1));
  }
  uint8_t *block = packed.data();
  // The byte behind the last pixel may be the last of the image.
  size_t last = size_t(columns.size() - 1);
  for (size_t x = 0; x < last; ++x, block += columnBlockBytes) {
    for (size_t row = 0; row < columnBlockRows; ++row) {
      memcpy(block + 4 * row, rows[row] + 3 * x, 4);
    }
  }
  for (size_t row = 0; row < columnBlockRows; ++row) {
    memcpy(block + 4 * row, rows[row] + 3 * last, 3);
  }
}

/// Row `row` of what resizeColumns made, as pixels of three bytes.
void unpackRow(const std::vector<uint8_t> &packed, size_t row, uint8_t *pixels, int count) {
  const uint8_t *block = packed.data() + 4 * row;
  for (int x = 0; x + 1 < count; ++x, block += columnBlockBytes, pixels += 3) {
    // The fourth byte is overwritten by the next pixel.
    memcpy(pixels, block, 4);
  }
  memcpy(pixels, block, 3);
}

/// Columns `columns` of rows `rows` of `image`, each row as wide as the filter has outputs.
Image resizeHorizontally(const PreprocessingKernels &kernels, const Image &image, Filter &filter,
                         Extent columns, Extent rows) {
  auto outputs = size_t(filter.outputs());
  Image result = {filter.outputs(), rows.size(), {}};
  result.pixels.resize(outputs * size_t(result.height) * 3);
  std::vector<uint8_t> packed(size_t(columns.size()) * columnBlockBytes);
  std::vector<uint8_t> resized(outputs * columnBlockBytes);
  KernelArray input(packed.data(), columnBlockBytes, size_t(columns.size()));
  KernelArray output(resized.data(), columnBlockBytes, outputs);
  KernelArray begins(filter.begins.data(), outputs);
  KernelArray weights(filter.weights.data(), size_t(filter.taps), outputs);
  uint8_t *pixels = result.pixels.data();
  for (int y = rows.begin; y < rows.end; y += columnBlockRows) {
    packColumns(image, columns, y, rows.end, packed);
    kernels.resizeColumns(input, begins, weights, output);
    int count = std::min(columnBlockRows, rows.end - y);
    for (int row = 0; row < count; ++row, pixels += outputs * 3) {
      unpackRow(resized, size_t(row), pixels, filter.outputs());
    }
  }
  return result;
}

/// Columns `columns` of rows `rows` of `image`, each column as high as the filter has outputs.
Image resizeVertically(const PreprocessingKernels &kernels, const Image &image, Filter &filter,
                       Extent columns, Extent rows) {
  auto outputs = size_t(filter.outputs()), bytes = size_t(columns.size()) * 3;
  Image result = {columns.size(), filter.outputs(), {}};
  result.pixels.resize(bytes * outputs);
  KernelArray input(pixelOf(image, columns.begin, rows.begin), bytes, size_t(rows.size()),
                    size_t(image.width) * 3);
  KernelArray output(result.pixels.data(), bytes, outputs);
  KernelArray begins(filter.begins.data(), outputs);
  KernelArray weights(filter.weights.data(), size_t(filter.taps), outputs);
  auto resize = bytes < rowTileBytes ? kernels.resizeNarrowRows : kernels.resizeRows;
  resize(input, begins, weights, output);
  return result;
}

bool isVerticalFirst(const Image &image, const ResizedRegion &region) {
  return region.fullHeight < image.height &&
         image.height - region.fullHeight > 2 * (image.width - region.fullWidth);
}

} // namespace

Image oriel::data::resizeImage(const Image &image, const ResizedRegion &region,
                               Interpolation interpolation, const PreprocessingKernels &kernels) {
  if (region.width <= 0 || region.height <= 0) {
    return {};
  }
  Filter horizontal =
      makeFilter({image.width, region.fullWidth, interpolation}, region.left, region.width);
  Filter vertical =
      makeFilter({image.height, region.fullHeight, interpolation}, region.top, region.height);
  Extent columns = takeExtent(horizontal), rows = takeExtent(vertical);
  if (isVerticalFirst(image, region)) {
    Image lower = resizeVertically(kernels, image, vertical, columns, rows);
    return resizeHorizontally(kernels, lower, horizontal, {0, lower.width}, {0, lower.height});
  }
  Image narrower = resizeHorizontally(kernels, image, horizontal, columns, rows);
  return resizeVertically(kernels, narrower, vertical, {0, narrower.width}, {0, narrower.height});
}
