//===- LaunchNames.cpp - The launch that a user names ---------------------===//

#include "compiler/Pipeline/LaunchNames.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

using namespace oriel;

template <typename Predicate>
static std::optional<size_t> findFirst(const std::vector<LaunchNames> &launches,
                                       Predicate predicate) {
  auto found = std::find_if(launches.begin(), launches.end(), predicate);
  return found == launches.end() ? std::nullopt : std::optional<size_t>(found - launches.begin());
}

std::optional<size_t> oriel::findLaunch(const std::vector<LaunchNames> &launches,
                                        const std::string &name) {
  if (auto found = findFirst(launches, [&](const auto &each) { return each.kernel == name; })) {
    return found;
  }
  if (auto found = findFirst(launches, [&](const LaunchNames &each) {
        return !each.layers.empty() && each.layers.front() == name;
      })) {
    return found;
  }
  return findFirst(launches, [&](const LaunchNames &each) {
    return std::find(each.layers.begin(), each.layers.end(), name) != each.layers.end();
  });
}

/// Levenshtein's distance, insertions, deletions and substitutions, from `from` to all of `to`, or
/// to that part of it which is nearest (Sellers, The Theory and Computation of Evolutionary
/// Distances, 1980).
static size_t countEdits(const std::string &from, const std::string &to, bool toPart) {
  // Of what of `from` has been seen so far, to each beginning of `to`, or to a part that ends
  // there.
  std::vector<size_t> edits(to.size() + 1, 0);
  if (!toPart) {
    std::iota(edits.begin(), edits.end(), size_t(0));
  }
  for (char letter : from) {
    size_t diagonal = edits[0]++;
    for (size_t i = 0; i < to.size(); ++i) {
      size_t substituted = diagonal + (letter == to[i] ? 0 : 1);
      diagonal = edits[i + 1];
      edits[i + 1] = std::min({substituted, edits[i] + 1, diagonal + 1});
    }
  }
  return toPart ? *std::min_element(edits.begin(), edits.end()) : edits.back();
}

std::string oriel::describeUnknownLaunch(const std::vector<LaunchNames> &launches,
                                         const std::string &name) {
  // Each name once, the closest first.
  std::set<std::tuple<size_t, size_t, std::string>> ranking;
  auto insert = [&](const std::string &candidate) {
    ranking.insert({countEdits(name, candidate, /*toPart=*/true),
                    countEdits(name, candidate, /*toPart=*/false), candidate});
  };
  for (const LaunchNames &launch : launches) {
    insert(launch.kernel);
    std::for_each(launch.layers.begin(), launch.layers.end(), insert);
  }
  std::string text = "no kernel and no layer is called '" + name + "'";
  if (ranking.empty()) {
    return text + ": the module launches none";
  }
  text += "; did you mean ";
  size_t count = std::min<size_t>(ranking.size(), 3), index = 0;
  for (auto each = ranking.begin(); index < count; ++each, ++index) {
    text += (index == 0 ? "'" : index + 1 < count ? ", '" : " or '") + std::get<2>(*each) + "'";
  }
  return text + "? oriel-info lists all of a module";
}
