#include "runtime/data/Resize.h"

#include <algorithm>
#include <cmath>
#include <iterator>

using namespace oriel::data;

namespace {

constexpr int precisionBits = 32 - 8 - 2;

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

/// The input pixels that make one output pixel of a line: `count` from `begin` on, with weights in
/// fixed point.
struct Taps {
  int begin;
  int count;
  size_t firstWeight;
};

struct Filter {
  std::vector<Taps> taps;
  std::vector<int32_t> weights;
};

/// precompute_coeffs and normalize_coeffs_8bpc, for output pixels [first, first + count) of
/// `outputSize`.
Filter makeFilter(int inputSize, int64_t outputSize, int64_t first, int count,
                  Interpolation interpolation) {
  bool isBicubic = interpolation == Interpolation::Bicubic;
  double scale = double(inputSize) / double(outputSize);
  double filterScale = std::max(scale, 1.0), inverseScale = 1.0 / filterScale;
  double support = (isBicubic ? 2.0 : 1.0) * filterScale;
  Filter filter;
  std::vector<double> line;
  for (int64_t i = first; i < first + count; ++i) {
    double center = (double(i) + 0.5) * scale;
    int begin = std::max(int(center - support + 0.5), 0);
    int end = std::min(int(center + support + 0.5), inputSize);
    line.clear();
    double sum = 0.0;
    for (int x = begin; x < end; ++x) {
      double distance = (x - center + 0.5) * inverseScale;
      line.push_back(isBicubic ? bicubicWeight(distance) : bilinearWeight(distance));
      sum += line.back();
    }
    filter.taps.push_back({begin, end - begin, filter.weights.size()});
    for (double weight : line) {
      double fixed = (sum != 0.0 ? weight / sum : weight) * (1 << precisionBits);
      filter.weights.push_back(int32_t(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
  }
  return filter;
}

uint8_t roundToByte(int32_t sum) { return uint8_t(std::clamp(sum >> precisionBits, 0, 255)); }

/// A range of input pixels of a line.
struct Extent {
  int begin;
  int end;
};

/// The input pixels that a filter reads.
Extent extentOf(const Filter &filter) {
  return {filter.taps.front().begin, filter.taps.back().begin + filter.taps.back().count};
}

/// Rows `rows` of `image`, each as wide as the filter has taps. Column 0 of `image` is column
/// `firstColumn` of the image that the filter is for.
Image resizeHorizontally(const Image &image, const Filter &filter, int firstColumn, Extent rows) {
  Image result = {int(filter.taps.size()), rows.end - rows.begin, {}};
  result.pixels.reserve(size_t(result.width) * size_t(result.height) * 3);
  for (int y = rows.begin; y < rows.end; ++y) {
    const uint8_t *line = image.pixels.data() + size_t(y) * size_t(image.width) * 3;
    for (const Taps &taps : filter.taps) {
      const int32_t *weights = filter.weights.data() + taps.firstWeight;
      constexpr int32_t half = 1 << (precisionBits - 1);
      int32_t sums[3] = {half, half, half};
      for (int i = 0; i < taps.count; ++i) {
        for (int c = 0; c < 3; ++c) {
          sums[c] += line[(taps.begin - firstColumn + i) * 3 + c] * weights[i];
        }
      }
      for (int32_t sum : sums) {
        result.pixels.push_back(roundToByte(sum));
      }
    }
  }
  return result;
}

/// Columns `columns` of `image`, each as high as the filter has taps. Row 0 of `image` is row
/// `firstRow` of the image that the filter is for.
Image resizeVertically(const Image &image, const Filter &filter, int firstRow, Extent columns) {
  Image result = {columns.end - columns.begin, int(filter.taps.size()), {}};
  size_t stride = size_t(result.width) * 3;
  result.pixels.reserve(stride * filter.taps.size());
  std::vector<int32_t> sums(stride);
  for (const Taps &taps : filter.taps) {
    std::fill(sums.begin(), sums.end(), 1 << (precisionBits - 1));
    for (int i = 0; i < taps.count; ++i) {
      auto row = size_t(taps.begin - firstRow) + size_t(i);
      const uint8_t *line =
          image.pixels.data() + (row * size_t(image.width) + size_t(columns.begin)) * 3;
      int32_t weight = filter.weights[taps.firstWeight + size_t(i)];
      for (size_t x = 0; x < stride; ++x) {
        sums[x] += line[x] * weight;
      }
    }
    std::transform(sums.begin(), sums.end(), std::back_inserter(result.pixels), roundToByte);
  }
  return result;
}

bool isVerticalFirst(const Image &image, const ResizedRegion &region) {
  return region.fullHeight < image.height &&
         image.height - region.fullHeight > 2 * (image.width - region.fullWidth);
}

} // namespace

Image oriel::data::resizeImage(const Image &image, const ResizedRegion &region,
                               Interpolation interpolation) {
  if (region.width <= 0 || region.height <= 0) {
    return {};
  }
  Filter columns =
      makeFilter(image.width, region.fullWidth, region.left, region.width, interpolation);
  Filter rows =
      makeFilter(image.height, region.fullHeight, region.top, region.height, interpolation);
  Extent usedColumns = extentOf(columns), usedRows = extentOf(rows);
  if (isVerticalFirst(image, region)) {
    return resizeHorizontally(resizeVertically(image, rows, 0, usedColumns), columns,
                              usedColumns.begin, {0, region.height});
  }
  return resizeVertically(resizeHorizontally(image, columns, 0, usedRows), rows, usedRows.begin,
                          {0, region.width});
}
