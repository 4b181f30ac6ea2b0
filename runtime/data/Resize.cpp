#include "runtime/data/Resize.h"

#include <algorithm>
#include <cmath>
#include <iterator>

using namespace oriel;

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

/// Rows [firstRow, lastRow) of `image`, each as wide as the filter has taps.
Image resizeHorizontally(const Image &image, const Filter &filter, int firstRow, int lastRow) {
  Image result = {int(filter.taps.size()), lastRow - firstRow, {}};
  result.pixels.reserve(size_t(result.width) * size_t(result.height) * 3);
  for (int y = firstRow; y < lastRow; ++y) {
    const uint8_t *line = image.pixels.data() + size_t(y) * size_t(image.width) * 3;
    for (const Taps &taps : filter.taps) {
      const int32_t *weights = filter.weights.data() + taps.firstWeight;
      constexpr int32_t half = 1 << (precisionBits - 1);
      int32_t sums[3] = {half, half, half};
      for (int i = 0; i < taps.count; ++i) {
        for (int c = 0; c < 3; ++c) {
          sums[c] += line[(taps.begin + i) * 3 + c] * weights[i];
        }
      }
      for (int32_t sum : sums) {
        result.pixels.push_back(roundToByte(sum));
      }
    }
  }
  return result;
}

/// Row 0 of `image` is row `firstRow` of the image that the filter is for.
Image resizeVertically(const Image &image, const Filter &filter, int firstRow) {
  size_t stride = size_t(image.width) * 3;
  Image result = {image.width, int(filter.taps.size()), {}};
  result.pixels.reserve(stride * filter.taps.size());
  std::vector<int32_t> sums(stride);
  for (const Taps &taps : filter.taps) {
    std::fill(sums.begin(), sums.end(), 1 << (precisionBits - 1));
    for (int i = 0; i < taps.count; ++i) {
      const uint8_t *line = image.pixels.data() + size_t(taps.begin - firstRow + i) * stride;
      int32_t weight = filter.weights[taps.firstWeight + size_t(i)];
      for (size_t x = 0; x < stride; ++x) {
        sums[x] += line[x] * weight;
      }
    }
    std::transform(sums.begin(), sums.end(), std::back_inserter(result.pixels), roundToByte);
  }
  return result;
}

} // namespace

Image oriel::resizeImage(const Image &image, const ResizedRegion &region,
                         Interpolation interpolation) {
  if (region.width <= 0 || region.height <= 0) {
    return {};
  }
  Filter columns =
      makeFilter(image.width, region.fullWidth, region.left, region.width, interpolation);
  Filter rows =
      makeFilter(image.height, region.fullHeight, region.top, region.height, interpolation);
  int firstRow = rows.taps.front().begin;
  int lastRow = rows.taps.back().begin + rows.taps.back().count;
  return resizeVertically(resizeHorizontally(image, columns, firstRow, lastRow), rows, firstRow);
}
