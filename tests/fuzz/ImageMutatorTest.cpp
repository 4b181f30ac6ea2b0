#include "tests/fuzz/ImageMutator.h"

#include "oriel/data/Image.h"
#include "runtime/data/File.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

using namespace oriel;
using namespace oriel::fuzz;
using testing::HasSubstr;

static std::string readImageFile(const std::string &name) {
  std::string file, error;
  EXPECT_TRUE(readFile(ORIEL_TEST_DATA "/images/" + name, file, error)) << error;
  return file;
}

/// "" where the file decodes.
static std::string decodeError(const std::string &file) {
  try {
    data::decodeImage(file, {.pixels = 1 << 20});
    return "";
  } catch (const data::Error &error) {
    return error.what();
  }
}

TEST(ImageMutator, MakesTheSameFileOfTheSameSeed) {
  std::vector<std::string> sources = {readImageFile("rgb.png"), readImageFile("rgb.jpg")};
  std::set<std::string> files;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    files.insert(mutateImage(sources, seed));
    EXPECT_EQ(files.count(mutateImage(sources, seed)), 1U);
  }
  EXPECT_GT(files.size(), 40U);
}

TEST(ImageMutator, KeepsWhatTellsTheFormat) {
  std::vector<std::string> sources = {readImageFile("lossy.webp")};
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::string error = decodeError(mutateImage(sources, seed));
    EXPECT_EQ(error.find("neither JPEG, PNG nor WebP"), std::string::npos) << seed;
  }
}

/// Damage has to get to every part of a decoder, and past its first look at the file.
TEST(ImageMutator, DamagesInManyWays) {
  for (const char *name : {"rgb.jpg", "progressive.jpg", "interlaced.png", "palette.png"}) {
    std::vector<std::string> sources = {readImageFile(name)};
    std::set<std::string> errors;
    for (uint64_t seed = 0; seed < 1000; ++seed) {
      errors.insert(decodeError(mutateImage(sources, seed)));
    }
    EXPECT_GT(errors.size(), 15U) << name;
    EXPECT_EQ(errors.count(""), 1U) << name;
    EXPECT_THAT(errors, testing::Contains(HasSubstr("too many pixels"))) << name;
  }
}

TEST(ImageMutator, MendsThePngsChecksums) {
  std::string file = readImageFile("rgb.png"), damaged = file;
  // The last of an IHDR's checksum.
  damaged[32] = char(damaged[32] ^ 1);
  EXPECT_THAT(decodeError(damaged), HasSubstr("CRC"));
  mendPngChecksums(damaged);
  EXPECT_EQ(damaged, file);
}
