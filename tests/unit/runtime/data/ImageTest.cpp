// tests/data/images/make_images.py made the images and, with Pillow, what is to come of them.

#include "oriel/data/Image.h"

#include "../ExampleModule.h"
#include "runtime/data/Npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <zlib.h>

using namespace oriel;
using namespace oriel::data;
using testing::HasSubstr;

static const std::string images = ORIEL_TEST_DATA "/images/";

namespace {

std::string_view view(const test::Bytes &bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// What `function` throws as an Error; "" where it does not.
template <typename Function>
std::string errorOf(Function function) {
  try {
    function();
    return "";
  } catch (const Error &error) {
    EXPECT_STRNE(error.what(), "");
    return error.what();
  }
}

class ImageFile : public testing::TestWithParam<const char *> {};

TEST_P(ImageFile, DecodesAsPillowDoes) {
  FloatArray expected;
  std::string error;
  Image image = readImage(images + GetParam());
  ASSERT_TRUE(readNpy(images + GetParam() + ".npy", expected, error)) << error;
  ASSERT_EQ(expected.shape, (std::vector<int64_t>{image.height, image.width, 3}));
  EXPECT_EQ(std::vector<float>(image.pixels.begin(), image.pixels.end()), expected.values);
}

TEST_P(ImageFile, RefusesATruncatedFile) {
  test::Bytes file = test::readFile(images + GetParam());
  // Of a PNG file the last 12 bytes are a chunk that says it is the last.
  for (size_t size = 0; size + 20 < file.size(); size += 1 + size / 8) {
    std::string error = errorOf([&] { decodeImage(view(file).substr(0, size)); });
    EXPECT_NE(error, "") << size;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST_P(ImageFile, SurvivesAnyDamage) {
  test::Bytes file = test::readFile(images + GetParam());
  std::mt19937 generator(1);
  for (int round = 0; round < 200; ++round) {
    test::Bytes damaged = file;
    for (int i = 0; i < 3; ++i) {
      damaged[4 + generator() % (file.size() - 4)] = uint8_t(generator());
    }
    Image image;
    std::string error = errorOf([&] { image = decodeImage(view(damaged), {1 << 22, 1 << 22}); });
    EXPECT_EQ(image.pixels.size(), size_t(image.width) * size_t(image.height) * 3);
    EXPECT_EQ(image.pixels.empty(), !error.empty());
  }
}

TEST_P(ImageFile, RefusesMorePixelsThanAllowed) {
  Image image = readImage(images + GetParam());
  int64_t count = int64_t(image.width) * image.height;
  EXPECT_EQ(readImage(images + GetParam(), {.pixels = count}).pixels, image.pixels);
  EXPECT_THAT(errorOf([&] { readImage(images + GetParam(), {.pixels = count - 1}); }),
              HasSubstr("it has too many pixels (29x17 of 492): scale it down"));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ImageFile,
    testing::Values("rgb.png", "grey.png", "bilevel.png", "palette.png", "rgb_alpha.png",
                    "grey_alpha.png", "grey_2bit.png", "rgb_16bit.png", "grey_16bit.png",
                    "grey_alpha_16bit.png", "rgb_alpha_16bit.png", "palette_4bit_short.png",
                    "interlaced.png", "interlaced_2bit.png", "interlaced_grey_16bit.png",
                    "subsampled.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "rgb.jpg",
                    "rotated.jpg", "lossy.webp", "lossless.webp", "lossy_alpha.webp",
                    "lossless_alpha.webp", "animated.webp"));

TEST(Image, NamesWhatCannotBeRead) {
  EXPECT_THAT(errorOf([] { readImage("missing.png"); }),
              HasSubstr("cannot read 'missing.png': No such file"));
  EXPECT_THAT(errorOf([] { readImage("/"); }), HasSubstr("Is a directory"));
  EXPECT_THAT(errorOf([] { readImage(images + "make_images.py"); }),
              HasSubstr("is neither a JPEG, a PNG nor a WebP image: convert it"));
  test::TemporaryFolder folder;
  test::Bytes file = test::readFile(images + "rgb.jpg");
  std::string cut = folder.write("cut.jpg", {file.begin(), file.end() - 100});
  EXPECT_EQ(errorOf([&] { readImage(cut); }),
            "cannot decode the image '" + cut + "': it is truncated");
}

TEST(Image, ReadsNoMoreOfAFileThanAllowed) {
  EXPECT_THAT(errorOf([] { readImage("/dev/zero", {.fileBytes = 1 << 20}); }),
              HasSubstr("File too large"));
  int64_t size = int64_t(test::readFile(images + "rgb.png").size());
  EXPECT_FALSE(readImage(images + "rgb.png", {.fileBytes = size}).pixels.empty());
  EXPECT_THAT(errorOf([&] { readImage(images + "rgb.png", {.fileBytes = size - 1}); }),
              HasSubstr("File too large"));
}

/// `file` with 16-bit values at two places, high byte first.
test::Bytes withSize(test::Bytes file, size_t heightAt, size_t widthAt, int size) {
  for (size_t at : {heightAt, widthAt}) {
    file[at] = uint8_t(size >> 8);
    file[at + 1] = uint8_t(size);
  }
  return file;
}

/// A JPEG file with another size in its frame header.
test::Bytes forgeJpeg(const std::string &name, int size) {
  test::Bytes file = test::readFile(images + name);
  for (std::string_view frame :
       {std::string_view("\xff\xc0\x00\x11\x08", 5), std::string_view("\xff\xc2\x00\x11\x08", 5)}) {
    if (size_t at = view(file).find(frame); at != std::string_view::npos) {
      return withSize(file, at + frame.size(), at + frame.size() + 2, size);
    }
  }
  ADD_FAILURE() << "no frame in " << name;
  return file;
}

/// A PNG file with another size in IHDR: width, height, then five bytes and the checksum.
test::Bytes forgePng(const std::string &name, int size) {
  test::Bytes file = withSize(test::readFile(images + name), 22, 18, size);
  uint32_t checksum = uint32_t(crc32(0, file.data() + 12, 17));
  for (int i = 0; i < 4; ++i) {
    file[29 + size_t(i)] = uint8_t(checksum >> (24 - 8 * i));
  }
  return file;
}

/// A WebP file with another canvas in VP8X: width and height less one, 24 bits each, low byte
/// first. Its frame stays what it was.
test::Bytes forgeWebp(const std::string &name, int size) {
  test::Bytes file = test::readFile(images + name);
  EXPECT_EQ(view(file).substr(12, 4), "VP8X");
  for (size_t at : {24, 27}) {
    file[at] = uint8_t((size - 1) & 0xff);
    file[at + 1] = uint8_t((size - 1) >> 8);
  }
  return file;
}

TEST(Image, RefusesAGiantHeaderBeforeAnyPixel) {
  for (const test::Bytes &file : {forgeJpeg("rgb.jpg", 60000), forgeJpeg("progressive.jpg", 60000),
                                  forgePng("rgb.png", 60000), forgePng("interlaced.png", 60000),
                                  forgeWebp("animated.webp", 60000)}) {
    EXPECT_THAT(errorOf([&] { decodeImage(view(file)); }),
                HasSubstr("it has too many pixels (60000x60000 of 178956970)"));
  }
}

TEST(Image, RefusesAFileThatCannotHoldItsPixels) {
  // 12000 x 12000 pixels are within the limits. Of a PNG file, 1450 bytes do not inflate to 432
  // million; of a JPEG file, 1000 bytes have too few bits; a WebP picture that is not animated
  // fills its canvas.
  EXPECT_EQ(errorOf([] { decodeImage(view(forgeJpeg("rgb.jpg", 12000))); }), "it is truncated");
  EXPECT_EQ(errorOf([] { decodeImage(view(forgeJpeg("progressive.jpg", 12000))); }),
            "it is truncated");
  EXPECT_EQ(errorOf([] { decodeImage(view(forgePng("rgb.png", 12000))); }), "it is truncated");
  EXPECT_EQ(errorOf([] { decodeImage(view(forgeWebp("lossy_alpha.webp", 12000))); }),
            "it is damaged or truncated");
}

TEST(Image, TakesAPngWhoseLastChunkIsMissing) {
  test::Bytes file = test::readFile(images + "rgb.png"), cut(file.begin(), file.end() - 12);
  EXPECT_EQ(decodeImage(view(cut)).pixels, readImage(images + "rgb.png").pixels);
}

} // namespace
