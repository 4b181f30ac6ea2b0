// Every level of the kernels against Pillow's algorithm, written down plainly. That this is
// Pillow's is what TransformTest and tests/e2e/check_preprocessing.py check.

#include "runtime/data/Resize.h"

#include "runtime/data/PreprocessingKernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace oriel::data;

namespace {

double weightAt(double x, Interpolation interpolation) {
  x = std::fabs(x);
  if (interpolation == Interpolation::Bilinear) {
    return std::max(1 - x, 0.0);
  }
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((x - 5) * x + 8) * x * -0.5 + 2 : 0;
}

/// Values of one line, of every `step`-th byte, to `outputSize` values.
std::vector<uint8_t> resizeLine(const uint8_t *line, int size, size_t step, int outputSize,
                                Interpolation interpolation) {
  double scale = double(size) / outputSize, filterScale = std::max(scale, 1.0);
  double support = (interpolation == Interpolation::Bicubic ? 2 : 1) * filterScale;
  std::vector<uint8_t> result;
  for (int output = 0; output < outputSize; ++output) {
    double center = (output + 0.5) * scale, total = 0;
    int begin = std::max(int(center - support + 0.5), 0);
    int end = std::min(int(center + support + 0.5), size);
    for (int x = begin; x < end; ++x) {
      total += weightAt((x - center + 0.5) / filterScale, interpolation);
    }
    int64_t sum = 1 << 21;
    for (int x = begin; x < end; ++x) {
      double weight = weightAt((x - center + 0.5) / filterScale, interpolation) / total;
      sum += int64_t(std::round(weight * (1 << 22))) * line[size_t(x) * step];
    }
    result.push_back(uint8_t(std::clamp<int64_t>(sum >> 22, 0, 255)));
  }
  return result;
}

Image resizeWidth(const Image &image, int width, Interpolation interpolation) {
  Image result = {width, image.height, {}};
  result.pixels.resize(size_t(width) * size_t(image.height) * 3);
  for (size_t y = 0; y < size_t(image.height); ++y) {
    for (size_t c = 0; c < 3; ++c) {
      const uint8_t *line = image.pixels.data() + y * size_t(image.width) * 3 + c;
      std::vector<uint8_t> values = resizeLine(line, image.width, 3, width, interpolation);
      for (size_t x = 0; x < values.size(); ++x) {
        result.pixels[(y * size_t(width) + x) * 3 + c] = values[x];
      }
    }
  }
  return result;
}

Image resizeHeight(const Image &image, int height, Interpolation interpolation) {
  Image result = {image.width, height, {}};
  size_t stride = size_t(image.width) * 3;
  result.pixels.resize(stride * size_t(height));
  for (size_t i = 0; i < stride; ++i) {
    std::vector<uint8_t> values =
        resizeLine(image.pixels.data() + i, image.height, stride, height, interpolation);
    for (size_t y = 0; y < values.size(); ++y) {
      result.pixels[y * stride + i] = values[y];
    }
  }
  return result;
}

Image resizeWhole(const Image &image, int width, int height, Interpolation interpolation) {
  bool isVerticalFirst = height < image.height && image.height - height > 2 * (image.width - width);
  return isVerticalFirst
             ? resizeWidth(resizeHeight(image, height, interpolation), width, interpolation)
             : resizeHeight(resizeWidth(image, width, interpolation), height, interpolation);
}

Image crop(const Image &image, const ResizedRegion &region) {
  Image result = {region.width, region.height, {}};
  for (int64_t y = region.top; y < region.top + region.height; ++y) {
    const uint8_t *row = image.pixels.data() + (y * image.width + region.left) * 3;
    result.pixels.insert(result.pixels.end(), row, row + ptrdiff_t(region.width) * 3);
  }
  return result;
}

/// Noise of black and white, so that sums go beyond a byte on both sides.
Image makeNoise(int width, int height) {
  std::mt19937 generator(1);
  Image image = {width, height, {}};
  image.pixels.resize(size_t(width) * size_t(height) * 3);
  std::generate(image.pixels.begin(), image.pixels.end(), [&] {
    return generator() % 4 == 0 ? uint8_t(generator()) : generator() & 1 ? 255 : 0;
  });
  return image;
}

struct Sizes {
  int width, height;
  ResizedRegion region;
};

/// Rows around a tile of rowTileBytes and around blocks of columnBlockRows, fewer pixels than taps,
/// a part of the resized image, the vertical direction first.
const Sizes cases[] = {
    {50, 40, {30, 24, 0, 0, 30, 24}},    {50, 40, {30, 24, 7, 5, 16, 9}},
    {20, 9, {64, 33, 0, 0, 64, 33}},     {64, 17, {21, 8, 0, 0, 21, 8}},
    {64, 17, {22, 7, 0, 0, 22, 7}},      {1, 1, {5, 7, 0, 0, 5, 7}},
    {3, 200, {8, 13, 0, 0, 8, 13}},      {200, 3, {13, 8, 1, 1, 11, 6}},
    {30, 500, {29, 40, 0, 0, 29, 40}},   {90, 700, {80, 41, 3, 2, 70, 33}},
    {2, 2, {300, 2, 100, 0, 77, 2}},     {641, 23, {43, 9, 0, 0, 43, 9}},
    {129, 65, {129, 65, 0, 0, 129, 65}},
};

class ResizeLevel : public testing::TestWithParam<PreprocessingKernels> {};

TEST_P(ResizeLevel, GivesPillowsValues) {
  for (Interpolation interpolation : {Interpolation::Bilinear, Interpolation::Bicubic}) {
    for (const auto &[width, height, region] : cases) {
      SCOPED_TRACE(testing::Message()
                   << width << "x" << height << " to " << region.fullWidth << "x"
                   << region.fullHeight << ", part of " << region.width << "x" << region.height);
      Image image = makeNoise(width, height);
      Image expected = crop(
          resizeWhole(image, int(region.fullWidth), int(region.fullHeight), interpolation), region);
      Image actual = resizeImage(image, region, interpolation, GetParam());
      EXPECT_EQ(actual.width, region.width);
      EXPECT_EQ(actual.height, region.height);
      EXPECT_EQ(actual.pixels, expected.pixels);
    }
  }
}

TEST_P(ResizeLevel, NormalizesEachValueRoundedAtEachStep) {
  std::vector<uint8_t> pixels(3 * 259);
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = uint8_t(i * 7);
  }
  float means[3] = {0.485F, 0.456F, 0.406F}, deviations[3] = {0.229F, 0.224F, 0.225F};
  // An odd count, and less than a vector.
  for (size_t count : {259, 5, 1}) {
    std::vector<float> values(3 * count + 1, -1);
    KernelArray input(pixels.data(), 3 * count), mean(means, 3), deviation(deviations, 3);
    KernelArray output(values.data(), count, 3);
    EXPECT_EQ(GetParam().normalize(input, mean, deviation, output), 0);
    for (size_t i = 0; i < 3 * count; ++i) {
      float value = float(pixels[i]) / 255.0F, centred = value - means[i % 3];
      EXPECT_EQ(values[i % 3 * count + i / 3], centred / deviations[i % 3]) << i;
    }
    EXPECT_EQ(values.back(), -1);
  }
}

INSTANTIATE_TEST_SUITE_P(Available, ResizeLevel, testing::ValuesIn(availablePreprocessingKernels()),
                         [](const auto &info) {
                           std::string name = info.param.level;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
