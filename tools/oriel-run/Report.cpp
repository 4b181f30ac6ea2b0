#include "tools/oriel-run/Report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

using namespace oriel;

std::vector<ClassScore> oriel::topClasses(const float *logits,
                                          const std::vector<std::string> &names, int64_t count) {
  std::vector<int64_t> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  // NaN is the smallest, so that the order is one.
  auto key = [&](int64_t i) { return std::isnan(logits[i]) ? -INFINITY : logits[i]; };
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
  double sum = 0.0, largest = order.empty() ? 0.0 : key(order[0]);
  for (int64_t i : order) {
    sum += std::exp(double(logits[i]) - largest);
  }
  std::vector<ClassScore> scores;
  for (int64_t i : order) {
    if (int64_t(scores.size()) == count) {
      break;
    }
    scores.push_back({i, names[size_t(i)], logits[i], std::exp(double(logits[i]) - largest) / sum});
  }
  return scores;
}

std::string oriel::resultLine(const std::string &name, const std::vector<ClassScore> &scores) {
  std::string line = name + ":";
  for (size_t i = 0; i < scores.size(); ++i) {
    char percent[32];
    snprintf(percent, sizeof percent, " %.1f%%", scores[i].probability * 100);
    line += (i > 0 ? ", " : " ") + scores[i].name + percent;
  }
  return line;
}

nlohmann::ordered_json oriel::resultJson(const std::string &name,
                                         const std::vector<ClassScore> &scores) {
  nlohmann::ordered_json top = nlohmann::ordered_json::array();
  for (const ClassScore &score : scores) {
    top.push_back({{"class", score.name},
                   {"index", score.index},
                   {"probability", score.probability},
                   {"logit", score.logit}});
  }
  return {{"file", name}, {"top", top}};
}
