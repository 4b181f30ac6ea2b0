// tests/data/images/make_images.py made the images and, with Pillow, what is to come of them.

#include "runtime/data/Image.h"

#include "../ExampleModule.h"
#include "runtime/data/Npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

using namespace oriel;
using testing::HasSubstr;

static const std::string images = ORIEL_TEST_DATA "/images/";

class ImageFile : public testing::TestWithParam<const char *> {};

TEST_P(ImageFile, DecodesAsPillowDoes) {
  Image image;
  FloatArray expected;
  std::string error;
  ASSERT_TRUE(readImage(images + GetParam(), image, error)) << error;
  ASSERT_TRUE(readNpy(images + GetParam() + ".npy", expected, error)) << error;
  ASSERT_EQ(expected.shape, (std::vector<int64_t>{image.height, image.width, 3}));
  EXPECT_EQ(std::vector<float>(image.pixels.begin(), image.pixels.end()), expected.values);
}

TEST_P(ImageFile, RefusesATruncatedFile) {
  test::Bytes file = test::readFile(images + GetParam());
  test::TemporaryFolder folder;
  for (size_t size = 0; size + 12 < file.size(); size += 1 + size / 8) {
    Image image;
    std::string error;
    test::Bytes cut(file.begin(), file.begin() + ptrdiff_t(size));
    EXPECT_FALSE(readImage(folder.write("cut", cut), image, error)) << size;
    EXPECT_EQ(error.find('\n'), std::string::npos);
    EXPECT_THAT(error, HasSubstr(folder.path("cut")));
  }
}

TEST_P(ImageFile, SurvivesAnyDamage) {
  test::Bytes file = test::readFile(images + GetParam());
  std::mt19937 generator(1);
  bool isJpeg = file[0] == 0xff;
  for (int round = 0; round < 200; ++round) {
    test::Bytes damaged = file;
    for (int i = 0; i < 3; ++i) {
      damaged[4 + generator() % (file.size() - 4)] = uint8_t(generator());
    }
    std::string_view view(reinterpret_cast<const char *>(damaged.data()), damaged.size());
    Image image;
    std::string error;
    bool isRead = isJpeg ? decodeJpeg(view, image, error) : decodePng(view, image, error);
    EXPECT_EQ(isRead, error.empty());
    if (isRead) {
      EXPECT_EQ(image.pixels.size(), size_t(image.width) * size_t(image.height) * 3);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ImageFile,
                         testing::Values("rgb.png", "grey.png", "bilevel.png", "palette.png",
                                         "rgb_alpha.png", "grey_alpha.png", "grey_2bit.png",
                                         "rgb_16bit.png", "subsampled.jpg", "progressive.jpg",
                                         "grey.jpg", "cmyk.jpg"));

TEST(Image, NamesWhatCannotBeRead) {
  Image image;
  std::string error;
  EXPECT_FALSE(readImage("missing.png", image, error));
  EXPECT_THAT(error, HasSubstr("cannot read 'missing.png': No such file"));
  EXPECT_FALSE(readImage("/", image, error));
  EXPECT_THAT(error, HasSubstr("Is a directory"));
  EXPECT_FALSE(readImage(images + "make_images.py", image, error));
  EXPECT_THAT(error, HasSubstr("is neither a JPEG nor a PNG image: convert it"));
}

TEST(Image, RefusesMorePixelsThanPillow) {
  test::Bytes file = test::readFile(images + "rgb.png");
  // Width and height of IHDR; libpng only warns of its checksum where that is not critical, so the
  // limit or the checksum refuses it, and nothing is allocated.
  file[16] = file[20] = 0x7f;
  Image image;
  std::string error;
  EXPECT_FALSE(decodePng({reinterpret_cast<char *>(file.data()), file.size()}, image, error));
  EXPECT_TRUE(image.pixels.empty());
}
