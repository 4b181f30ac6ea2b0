#include "tools/oriel-eval/Pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace oriel;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string images = ORIEL_TEST_DATA "/images/";

TEST(Pictures, KeepAPictureThatCannotBeReadWithItsError) {
  data::ImageList list = {{"a", "b"}, {{images + "rgb.png", 0}, {images + "missing.png", 1}}};
  oriel_image_preprocessing preprocessing = {
      4, 4, {0, 0, 0}, {1, 1, 1}, 1.0, ORIEL_INTERPOLATION_BICUBIC, 0};
  Pictures pictures(list, data::ImageTransform(preprocessing));
  ASSERT_EQ(pictures.size(), 2u);
  Picture good = pictures.get(0), bad = pictures.get(1);
  EXPECT_EQ(good.error, "");
  EXPECT_THAT(good.sample.input.shape, ElementsAre(3, 4, 4));
  EXPECT_THAT(bad.error, HasSubstr(images + "missing.png"));
  EXPECT_EQ(bad.sample.label, 1);
  EXPECT_GT(pictures.loadingSeconds(), 0);
  EXPECT_GT(pictures.transformSeconds(), 0);

  std::vector<Picture> samples = {bad, good};
  PictureBatch batch = PictureCollate(3)(samples);
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_THAT(batch.readable.indices, ElementsAre(0));
  ASSERT_EQ(batch.failed.size(), 1u);
  EXPECT_EQ(batch.failed[0].first, 1u);
  // One picture and two that are zero.
  ASSERT_EQ(batch.readable.inputs.values<float>().size(), 3u * 48);
  EXPECT_EQ(batch.readable.inputs.values<float>()[47], good.sample.input.values<float>()[47]);
  EXPECT_EQ(batch.readable.inputs.values<float>()[48], 0);
  EXPECT_EQ(PictureCollate(3)({bad}).readable.size(), 0u);
}

TEST(SpreadIndices, AreDistinctAndAsFarApartAsTheyCanBe) {
  EXPECT_THAT(spreadIndices(3, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(spreadIndices(3, 7), ElementsAre(0, 1, 2));
  EXPECT_THAT(spreadIndices(10, 3), ElementsAre(0, 3, 6));
  EXPECT_THAT(spreadIndices(4, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(spreadIndices(100, 1), ElementsAre(0));
}

} // namespace
