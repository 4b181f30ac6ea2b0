//===- ArenaPlanner.cpp - Offsets for blocks with lifetimes ---------------===//

#include "compiler/Conversion/ArenaPlanner.h"

#include <algorithm>
#include <numeric>

using namespace oriel;

int ArenaPlanner::addBlock(int64_t size, int first, int last) {
  int64_t rounded = (size + alignment - 1) & ~(alignment - 1);
  blocks.push_back({rounded, first, last});
  return static_cast<int>(blocks.size()) - 1;
}

void ArenaPlanner::commit() {
  std::vector<int> order(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return blocks[a].size != blocks[b].size ? blocks[a].size > blocks[b].size : a < b;
  });
  total = 0;
  // Placed blocks by offset.
  std::vector<const Block *> placed;
  for (int index : order) {
    Block &block = blocks[index];
    int64_t offset = 0;
    for (const Block *other : placed) {
      bool overlapsInTime = block.first <= other->last && other->first <= block.last;
      if (!overlapsInTime || other->offset + other->size <= offset) {
        continue;
      }
      if (offset + block.size <= other->offset) {
        break;
      }
      offset = other->offset + other->size;
    }
    block.offset = offset;
    total = std::max(total, offset + block.size);
    auto position =
        std::upper_bound(placed.begin(), placed.end(), offset,
                         [](int64_t value, const Block *other) { return value < other->offset; });
    placed.insert(position, &block);
  }
}
