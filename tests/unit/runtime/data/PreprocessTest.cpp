// tests/data/images/make_images.py made the expected values with Pillow.

#include "runtime/data/Preprocess.h"

#include "runtime/data/Npy.h"

#include <gtest/gtest.h>

using namespace oriel;

namespace {

struct Case {
  const char *name;
  const char *image;
  int height;
  int width;
  double cropPct;
  int interpolation;
};

class Preprocess : public testing::TestWithParam<Case> {};

const std::string images = ORIEL_TEST_DATA "/images/";

oriel_image_preprocessing withoutNormalisation(const Case &test) {
  return {test.height, test.width, {0, 0, 0}, {1, 1, 1}, test.cropPct, test.interpolation, 0};
}

TEST_P(Preprocess, GivesTheValuesOfTimmsTransform) {
  Image image;
  FloatArray expected;
  std::string error;
  ASSERT_TRUE(readImage(images + GetParam().image, image, error)) << error;
  ASSERT_TRUE(readNpy(images + "preprocess_" + GetParam().name + ".npy", expected, error)) << error;
  ASSERT_EQ(expected.shape, (std::vector<int64_t>{3, GetParam().height, GetParam().width}));
  std::vector<float> actual(expected.values.size());
  preprocessImage(image, withoutNormalisation(GetParam()), actual.data());
  EXPECT_EQ(actual, expected.values);
}

constexpr int bilinear = ORIEL_INTERPOLATION_BILINEAR, bicubic = ORIEL_INTERPOLATION_BICUBIC;
INSTANTIATE_TEST_SUITE_P(Cases, Preprocess,
                         testing::Values(Case{"shrunk", "rgb.png", 8, 8, 0.875, bicubic},
                                         Case{"grown", "rgb.png", 32, 32, 0.9, bicubic},
                                         Case{"bilinear", "rgb.png", 12, 12, 1.0, bilinear},
                                         Case{"tall", "tall.png", 10, 10, 0.95, bicubic},
                                         Case{"oblong", "rgb.png", 10, 14, 0.9, bicubic},
                                         Case{"padded", "rgb.png", 16, 16, 1.25, bilinear}),
                         [](const auto &info) { return info.param.name; });

TEST(PreprocessNormalisation, SubtractsTheMeanAndDividesByTheDeviation) {
  Image image = {2, 2, {255, 0, 51, 255, 0, 51, 255, 0, 51, 255, 0, 51}};
  oriel_image_preprocessing preprocessing = {2,       2, {0.5, 0.25, 0.125}, {0.5, 0.25, 2.0}, 1.0,
                                             bicubic, 0};
  float output[12];
  preprocessImage(image, preprocessing, output);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(output[i], 1.0f);
    EXPECT_EQ(output[4 + i], -1.0f);
    EXPECT_EQ(output[8 + i], (51.0f / 255.0f - 0.125f) / 2.0f);
  }
}

// Resized as a whole it would have 256 x 25 million pixels.
TEST(PreprocessExtremes, AVeryLongImageCostsNoMoreThanItsCrop) {
  Image image = {1, 100000, std::vector<uint8_t>(300000, 200)};
  oriel_image_preprocessing preprocessing = {224, 224, {0, 0, 0}, {1, 1, 1}, 0.875, bicubic, 0};
  std::vector<float> output(3 * 224 * 224);
  preprocessImage(image, preprocessing, output.data());
  for (float value : output) {
    ASSERT_EQ(value, 200.0f / 255.0f);
  }
}

} // namespace
