#include "tools/oriel-eval/Evaluation.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace oriel;

namespace {

TEST(Predict, GivesTheLargestLogitItsSoftmaxAndTheRankOfTheClass) {
  std::vector<float> logits = {1, 3, 2, 3};
  Prediction prediction = predict(logits, 2, 9);
  EXPECT_EQ(prediction.picture, 9u);
  EXPECT_EQ(prediction.label, 2);
  EXPECT_EQ(prediction.predicted, 1);
  EXPECT_EQ(prediction.rank, 2);
  double sum = 2 * std::exp(3.0) + std::exp(2.0) + std::exp(1.0);
  EXPECT_NEAR(prediction.probability, std::exp(3.0) / sum, 1e-12);
  // Of equal logits the first one is better.
  EXPECT_EQ(predict(logits, 1, 0).rank, 0);
  EXPECT_EQ(predict(logits, 3, 0).rank, 1);
}

TEST(Predict, TakesLogitsThatAreNoNumbersForTheSmallest) {
  std::vector<float> logits = {NAN, -5, NAN};
  EXPECT_EQ(predict(logits, 0, 0).predicted, 1);
  EXPECT_EQ(predict(logits, 0, 0).rank, 1);
  EXPECT_EQ(predict(logits, 2, 0).rank, 2);
}

TEST(Evaluation, CountsWhatIsAmongTheBest) {
  Evaluation evaluation(3);
  EXPECT_EQ(evaluation.topAccuracy(1), 0);
  evaluation.add({0, 0, 0, 0.9, 0});
  evaluation.add({1, 0, 2, 0.9, 1});
  evaluation.add({2, 2, 1, 0.9, 2});
  evaluation.add({3, 0, 2, 0.9, 2});
  evaluation.addFailure(4, "damaged");
  EXPECT_EQ(evaluation.topAccuracy(1), 0.25);
  EXPECT_EQ(evaluation.topAccuracy(2), 0.5);
  EXPECT_EQ(evaluation.topAccuracy(5), 1);
  EXPECT_EQ(evaluation.pictures(0), 3);
  EXPECT_EQ(evaluation.pictures(1), 0);
  EXPECT_EQ(evaluation.confusion(0, 2), 2);
  EXPECT_EQ(evaluation.confusion(2, 0), 0);
  EXPECT_EQ(evaluation.failures().size(), 1u);
}

TEST(Evaluation, NeedsNoSquareOfItsClasses) {
  // 21841 classes, as ImageNet-22k has, squared are 3.8 GB.
  Evaluation evaluation(int64_t(1) << 20);
  evaluation.add({0, 1000003, 3, 0.9, 7});
  EXPECT_EQ(evaluation.pictures(1000003), 1);
  EXPECT_EQ(evaluation.predicted(1000003), (std::map<int64_t, int64_t>{{3, 1}}));
  EXPECT_EQ(evaluation.confusion(1000003, 4), 0);
}

} // namespace
