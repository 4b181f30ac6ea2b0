//===- Choices.cpp - The decisions of a generator -------------------------===//

#include "tests/fuzz/Choices.h"

#include <algorithm>
#include <cassert>

using namespace oriel::fuzz;

int64_t Choices::below(int64_t count) {
  assert(count > 0 && "nothing to choose from");
  uint64_t limit = static_cast<uint64_t>(count), number = 0;
  if (!replaying) {
    number = (engine() >> 32) % limit;
  } else if (taken.numbers.size() < replay.size()) {
    number = std::min<uint64_t>(replay[taken.numbers.size()], limit - 1);
  }
  taken.numbers.push_back(static_cast<uint32_t>(number));
  return static_cast<int64_t>(number);
}
