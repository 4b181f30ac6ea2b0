//===- TaskPrefetch.h - Fetching what the next task reads -----------------===//
#ifndef ORIEL_COMPILER_KERNELS_TASKPREFETCH_H
#define ORIEL_COMPILER_KERNELS_TASKPREFETCH_H

#include "Halide.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel {

/// The rows that the next task reads are fetched while the present one computes, a line or few in
/// each turn of a loop that waits for no memory. All at once they would take as long as they save:
/// a core waits for 24 lines at most (Zen 4's miss address buffers).
struct TaskPrefetch {
  /// Lines of each row that a loop within the task fetches: `lines` from `first` on, and `parts`
  /// times so many, each `partStride` elements behind the one before.
  struct Lines {
    /// The loop that shares the rows out, and the one within it that fetches: parts of their names
    /// in the statement, and their extents.
    std::string outerLoop, loop;
    int outerExtent, extent;
    int first, parts, partStride, lines;
  };

  std::string buffer;
  /// The loop over tasks, a part of its name in the statement.
  std::string taskLoop;
  /// The index of a task's rows' first elements. Rows come as a vector, tasks as a scalar, and may
  /// be behind the last, as a fetch of any address is harmless.
  std::function<Halide::Expr(const Halide::Expr &task, const Halide::Expr &rows)> firstOfRows;
  int rows;
  std::vector<Lines> lines;
};

/// Adds the fetches to what `pipeline` computes.
void addPrefetch(Halide::Pipeline &pipeline, const TaskPrefetch &prefetch);

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_TASKPREFETCH_H
