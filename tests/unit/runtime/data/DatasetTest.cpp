#include "oriel/data/Dataset.h"

#include "../ExampleModule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

using namespace oriel::data;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

Sample makeSample(int64_t label, size_t index, std::vector<int64_t> shape, char value) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    count *= extent;
  }
  Sample sample = {{ORIEL_ELEMENT_F32, shape, {}}, label, index};
  sample.input.bytes.assign(size_t(count) * 4, std::byte(value));
  return sample;
}

TEST(Collate, PutsSamplesOneBehindTheOther) {
  Batch batch = collate({makeSample(5, 10, {1, 2}, 'a'), makeSample(6, 11, {1, 2}, 'b')});
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_THAT(batch.labels, ElementsAre(5, 6));
  EXPECT_THAT(batch.indices, ElementsAre(10, 11));
  EXPECT_THAT(batch.inputs.shape, ElementsAre(2, 1, 2));
  ASSERT_EQ(batch.inputs.bytes.size(), 16u);
  EXPECT_EQ(batch.inputs.bytes[7], std::byte('a'));
  EXPECT_EQ(batch.inputs.bytes[8], std::byte('b'));
  EXPECT_EQ(collate({}).size(), 0u);
}

TEST(Collate, RefusesSamplesThatDiffer) {
  EXPECT_THROW(collate({makeSample(0, 0, {2, 1}, 'a'), makeSample(0, 1, {1, 2}, 'b')}), Error);
  Sample other = makeSample(0, 1, {2}, 'b');
  other.input.elementType = 99;
  EXPECT_THROW(collate({makeSample(0, 0, {2}, 'a'), other}), Error);
}

TEST(Batch, PadsInputsWithZeros) {
  Batch batch = collate({makeSample(5, 10, {2}, 'a'), makeSample(6, 11, {2}, 'b')});
  batch.padInputs(5);
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_THAT(batch.inputs.shape, ElementsAre(5, 2));
  ASSERT_EQ(batch.inputs.bytes.size(), 40u);
  EXPECT_EQ(batch.inputs.bytes[15], std::byte('b'));
  EXPECT_EQ(batch.inputs.bytes[16], std::byte(0));
  EXPECT_THROW(batch.padInputs(1), Error);
  EXPECT_THROW(Batch().padInputs(1), Error);
}

const std::string images = ORIEL_TEST_DATA "/images/";

/// The first pixel.
Tensor firstPixel(const Image &image) {
  Tensor tensor = {ORIEL_ELEMENT_F32, {3}, std::vector<std::byte>(12)};
  std::copy_n(image.pixels.begin(), 3, static_cast<float *>(tensor.data()));
  return tensor;
}

TEST(ImageFolder, ReadsAndTransformsThePictureThatIsAskedFor) {
  oriel::test::TemporaryFolder root;
  std::filesystem::create_directories(root.path("b"));
  std::filesystem::create_directories(root.path("a"));
  std::filesystem::copy(images + "rgb.png", root.path("b/x.png"));
  std::filesystem::copy(images + "grey.png", root.path("a/x.png"));
  root.write("b/y.png", {1, 2, 3});
  ImageFolder folder(root.path(""), firstPixel);
  ASSERT_EQ(folder.size(), 3u);
  EXPECT_THAT(folder.classNames(), ElementsAre("a", "b"));
  EXPECT_EQ(folder.entry(0).path, root.path("a/x.png"));
  Sample sample = folder.get(1);
  EXPECT_EQ(sample.label, 1);
  EXPECT_EQ(sample.index, 1u);
  Tensor expected = firstPixel(readImage(images + "rgb.png"));
  EXPECT_EQ(sample.input.bytes, expected.bytes);
  try {
    folder.get(2);
    ADD_FAILURE() << "no error";
  } catch (const Error &error) {
    EXPECT_THAT(error.what(), HasSubstr(root.path("b/y.png")));
  }
}

TEST(ImageFolder, TakesAListFileInPlaceOfAFolder) {
  oriel::test::TemporaryFolder root;
  std::string text = images + "rgb.png\tb\n" + images + "grey.png\ta\n";
  ImageFolder folder(root.write("list.txt", {text.begin(), text.end()}), firstPixel);
  ASSERT_EQ(folder.size(), 2u);
  EXPECT_EQ(folder.get(0).label, 1);
  EXPECT_EQ(folder.get(1).label, 0);
}

} // namespace
