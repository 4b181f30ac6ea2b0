// tests/data/images/make_images.py made the expected values with Pillow.

#include "oriel/data/Transform.h"

#include "runtime/data/Npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace oriel;
using namespace oriel::data;

namespace {

struct Case {
  const char *name;
  const char *image;
  int height;
  int width;
  double cropPct;
  int interpolation;
};

class TransformedImage : public testing::TestWithParam<Case> {};

const std::string images = ORIEL_TEST_DATA "/images/";

oriel_image_preprocessing withoutNormalisation(const Case &test) {
  return {test.height, test.width, {0, 0, 0}, {1, 1, 1}, test.cropPct, test.interpolation, 0};
}

TEST_P(TransformedImage, GivesTheValuesOfTimmsTransform) {
  FloatArray expected;
  std::string error;
  ASSERT_TRUE(readNpy(images + "preprocess_" + GetParam().name + ".npy", expected, error)) << error;
  ASSERT_EQ(expected.shape, (std::vector<int64_t>{3, GetParam().height, GetParam().width}));
  ImageTransform transform(withoutNormalisation(GetParam()));
  Tensor actual = transform(readImage(images + GetParam().image));
  EXPECT_EQ(actual.shape, expected.shape);
  EXPECT_THAT(actual.values<float>(), testing::ElementsAreArray(expected.values));
}

constexpr int bilinear = ORIEL_INTERPOLATION_BILINEAR, bicubic = ORIEL_INTERPOLATION_BICUBIC;
INSTANTIATE_TEST_SUITE_P(Cases, TransformedImage,
                         testing::Values(Case{"shrunk", "rgb.png", 8, 8, 0.875, bicubic},
                                         Case{"grown", "rgb.png", 32, 32, 0.9, bicubic},
                                         Case{"bilinear", "rgb.png", 12, 12, 1.0, bilinear},
                                         Case{"tall", "tall.png", 10, 10, 0.95, bicubic},
                                         Case{"oblong", "rgb.png", 10, 14, 0.9, bicubic},
                                         Case{"padded", "rgb.png", 16, 16, 1.25, bilinear},
                                         Case{"column", "column.png", 10, 10, 1.0, bicubic},
                                         Case{"column_oblong", "column.png", 14, 18, 0.95,
                                              bilinear}),
                         [](const auto &info) { return info.param.name; });

TEST(ImageTransform, SubtractsTheMeanAndDividesByTheDeviation) {
  Image image = {2, 2, {255, 0, 51, 255, 0, 51, 255, 0, 51, 255, 0, 51}};
  oriel_image_preprocessing preprocessing = {2,       2, {0.5, 0.25, 0.125}, {0.5, 0.25, 2.0}, 1.0,
                                             bicubic, 0};
  Tensor result = ImageTransform(preprocessing)(image);
  std::span<const float> output = result.values<float>();
  ASSERT_EQ(output.size(), 12u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(output[i], 1.0f);
    EXPECT_EQ(output[4 + i], -1.0f);
    EXPECT_EQ(output[8 + i], (51.0f / 255.0f - 0.125f) / 2.0f);
  }
}

// Resized as a whole it would have 256 x 25 million pixels.
TEST(ImageTransform, AVeryLongImageCostsNoMoreThanItsCrop) {
  Image image = {1, 100000, std::vector<uint8_t>(300000, 200)};
  oriel_image_preprocessing preprocessing = {224, 224, {0, 0, 0}, {1, 1, 1}, 0.875, bicubic, 0};
  Tensor output = ImageTransform(preprocessing)(image);
  ASSERT_EQ(output.values<float>().size(), 3u * 224 * 224);
  for (float value : output.values<float>()) {
    ASSERT_EQ(value, 200.0f / 255.0f);
  }
}

TEST(ImageTransform, TakesWhatAModuleSaysOfItsInput) {
  oriel_image_preprocessing preprocessing = {4, 6, {0, 0, 0}, {1, 1, 1}, 1.0, bicubic, 0};
  int64_t dims[] = {1, 3, 4, 6};
  oriel_tensor_info input = {"input", ORIEL_ELEMENT_F32, 4, dims};
  oriel_signature signature = {1, 1, &input, nullptr, 1, 0, nullptr, &preprocessing};
  Image image = {6, 4, std::vector<uint8_t>(72, 51)};
  Tensor output = ImageTransform(signature)(image);
  EXPECT_EQ(output.shape, (std::vector<int64_t>{3, 4, 6}));
  EXPECT_EQ(output.values<float>()[0], 51.0f / 255.0f);
  dims[2] = 5;
  EXPECT_THROW(ImageTransform{signature}, Error);
  dims[2] = 4;
  signature.preprocessing = nullptr;
  EXPECT_THROW(ImageTransform{signature}, Error);
}

// The bytes that another model's transform normalises, pixel by pixel instead of plane by plane.
TEST(ImageTransform, EndsWithTheCropForAModelThatTakesBytes) {
  for (auto [name, cropPct] : {std::pair("rgb.png", 0.9), std::pair("rgb.png", 1.25),
                               std::pair("column.png", 1.0), std::pair("tall.png", 2.0)}) {
    oriel_image_preprocessing preprocessing = {10, 14, {0, 0, 0}, {1, 1, 1}, cropPct, bicubic, 0};
    int64_t planeDims[] = {1, 3, 10, 14}, pixelDims[] = {1, 10, 14, 3};
    oriel_tensor_info planes = {"input", ORIEL_ELEMENT_F32, 4, planeDims};
    oriel_tensor_info pixels = {"input", ORIEL_ELEMENT_U8, 4, pixelDims};
    oriel_signature signature = {1, 1, &planes, nullptr, 1, 0, nullptr, &preprocessing};
    Image image = readImage(images + name);
    Tensor floats = ImageTransform(signature)(image);
    signature.inputs = &pixels;
    Tensor bytes = ImageTransform(signature)(image);
    EXPECT_EQ(bytes.elementType, ORIEL_ELEMENT_U8);
    ASSERT_EQ(bytes.shape, (std::vector<int64_t>{10, 14, 3}));
    ASSERT_EQ(bytes.values<uint8_t>().size(), 10u * 14 * 3);
    for (size_t i = 0; i < 10u * 14; ++i) {
      for (size_t c = 0; c < 3; ++c) {
        ASSERT_EQ(float(bytes.values<uint8_t>()[3 * i + c]) / 255.0f,
                  floats.values<float>()[c * 10 * 14 + i])
            << name << " " << i;
      }
    }
    // Bytes in planes are nothing that it can give.
    pixels.dims = planeDims;
    EXPECT_THROW(ImageTransform{signature}, Error);
  }
}

} // namespace
