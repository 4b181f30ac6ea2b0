//===- ArenaPlanner.h - Offsets for blocks with lifetimes -----------------===//
#ifndef ORIEL_COMPILER_CONVERSION_ARENAPLANNER_H
#define ORIEL_COMPILER_CONVERSION_ARENAPLANNER_H

#include <cstdint>
#include <vector>

namespace oriel {

/// Packs blocks into one range so that blocks that live at the same time do not overlap. It knows
/// sizes and times only. After halide/Halide:apps/hannk/interpreter/allocation_planner.h.
class ArenaPlanner {
public:
  /// Offsets and the total are multiples of `alignment` (a power of two).
  explicit ArenaPlanner(int64_t alignment) : alignment(alignment) {}

  /// Adds a block of `size` bytes that is used from time `first` to time `last`, both included.
  /// Returns its number.
  int addBlock(int64_t size, int first, int last);

  /// Chooses the offsets: the largest block first, each at the lowest place that is free for its
  /// lifetime. Deterministic.
  void commit();

  /// After commit().
  int64_t offset(int block) const { return blocks[block].offset; }
  int64_t totalBytes() const { return total; }

private:
  struct Block {
    int64_t size;
    int first, last;
    int64_t offset = -1;
  };

  int64_t alignment;
  int64_t total = 0;
  std::vector<Block> blocks;
};

} // namespace oriel

#endif // ORIEL_COMPILER_CONVERSION_ARENAPLANNER_H
