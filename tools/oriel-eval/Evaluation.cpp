#include "tools/oriel-eval/Evaluation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace oriel;

Prediction oriel::predict(std::span<const float> logits, int64_t label, size_t picture) {
  auto key = [&](int64_t i) {
    float logit = logits[size_t(i)];
    return std::isnan(logit) ? -INFINITY : logit;
  };
  auto isBefore = [&](int64_t a, int64_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; };
  Prediction prediction = {picture, label, 0, 0, 0};
  auto count = int64_t(logits.size());
  for (int64_t i = 0; i < count; ++i) {
    prediction.rank += isBefore(i, label) ? 1 : 0;
    prediction.predicted = isBefore(i, prediction.predicted) ? i : prediction.predicted;
  }
  double largest = key(prediction.predicted), sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += std::exp(double(logits[size_t(i)]) - largest);
  }
  prediction.probability = 1 / sum;
  return prediction;
}

Evaluation::Evaluation(int64_t classCount)
    : classes(classCount), ranks(size_t(classCount)), counts(size_t(classCount)) {}

void Evaluation::add(const Prediction &prediction) {
  made.push_back(prediction);
  ++ranks[size_t(prediction.rank)];
  ++counts[size_t(prediction.label)][prediction.predicted];
}

double Evaluation::topAccuracy(int64_t count) const {
  auto best = ranks.begin() + std::min(count, classes);
  int64_t right = std::accumulate(ranks.begin(), best, int64_t(0));
  return made.empty() ? 0 : double(right) / double(made.size());
}

int64_t Evaluation::pictures(int64_t label) const {
  int64_t pictures = 0;
  for (auto [predicted, count] : counts[size_t(label)]) {
    pictures += count;
  }
  return pictures;
}

int64_t Evaluation::confusion(int64_t label, int64_t predicted) const {
  const std::map<int64_t, int64_t> &row = counts[size_t(label)];
  auto found = row.find(predicted);
  return found == row.end() ? 0 : found->second;
}
