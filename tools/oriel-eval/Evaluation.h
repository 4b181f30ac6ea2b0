// What an evaluation has found so far.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_EVALUATION_H
#define ORIEL_TOOLS_ORIEL_EVAL_EVALUATION_H

#include "oriel/data/Dataset.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace oriel {

/// What the model says of one picture.
struct Prediction {
  /// Its index in the list of pictures.
  size_t picture = 0;
  /// Its class, and the one with the largest logit.
  int64_t label = 0;
  int64_t predicted = 0;
  /// Softmax of the predicted class, in [0, 1].
  double probability = 0;
  /// How many classes have a larger logit than its class, or an equal one and a lower index.
  int64_t rank = 0;
};

/// The prediction that a picture's logits make; NaN counts as the smallest.
Prediction predict(std::span<const float> logits, int64_t label, size_t picture);

struct FailedPicture {
  size_t picture;
  std::string error;
};

class Evaluation {
public:
  explicit Evaluation(int64_t classCount);

  void add(const Prediction &prediction);
  void addFailure(size_t picture, std::string error) {
    failed.push_back({picture, std::move(error)});
  }

  /// In the order in which they were added.
  const std::vector<Prediction> &predictions() const { return made; }
  const std::vector<FailedPicture> &failures() const { return failed; }

  /// The share of predictions whose class is among the `count` best; 0 without predictions.
  double topAccuracy(int64_t count) const;
  /// Of the pictures of class `label`: how many there are, and how many were taken for `predicted`.
  int64_t pictures(int64_t label) const;
  int64_t confusion(int64_t label, int64_t predicted) const;
  /// What pictures of class `label` were taken for, and how often: the classes that occur only.
  const std::map<int64_t, int64_t> &predicted(int64_t label) const { return counts[size_t(label)]; }
  int64_t classCount() const { return classes; }

private:
  int64_t classes;
  std::vector<Prediction> made;
  std::vector<FailedPicture> failed;
  /// How many predictions have each rank.
  std::vector<int64_t> ranks;
  /// [label], then by prediction: a model may have 21841 classes, too many for a square.
  std::vector<std::map<int64_t, int64_t>> counts;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_EVALUATION_H
