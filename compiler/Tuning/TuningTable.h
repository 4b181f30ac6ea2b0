//===- TuningTable.h - Schedules that were measured -----------------------===//
//
// A table is JSON, for each processor (as LLVM names it) the kernels that were tuned on it:
//
//   {"version": 1, "cpus": {"znver3": {"<key>": {
//       "kernel": "gemm 1x3136x96 -> 1x3136x288", "target": "x86-64-v3",
//       "parameters": {"tile_rows": 6}, "relative_time": 0.93}}}}
//
// The key is that of the kernel's plan and the sizes of its target. What an entry says is only ever
// offered to a schedule, which takes what it accepts.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TUNING_TUNINGTABLE_H
#define ORIEL_COMPILER_TUNING_TUNINGTABLE_H

#include "compiler/Dialect/Exec/ExecDialect.h"
#include "compiler/Kernels/KernelTarget.h"
#include "compiler/Kernels/ScheduleParameters.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>
#include <vector>

namespace oriel {

struct TuningEntry {
  /// For the reader: family and shapes.
  std::string kernel;
  std::string target;
  /// What the schedule is to choose; empty where the cost model's choices are the best known.
  std::map<std::string, int64_t> parameters;
  /// Its time as a share of that of the cost model's schedule when it was measured.
  double relativeTime = 1;
};

class TuningTable {
public:
  /// Fails, with one line, where the text is no table.
  static llvm::Expected<TuningTable> parse(llvm::StringRef text);
  /// The table as parse takes it, sorted.
  std::string print() const;

  std::vector<std::string> getCpus() const;
  /// The entry of a kernel on a processor, or nullptr.
  const TuningEntry *lookup(const std::string &cpu, const std::string &key) const;
  void set(const std::string &cpu, const std::string &key, TuningEntry entry);

private:
  /// By processor and key.
  std::map<std::string, std::map<std::string, TuningEntry>> entries;
};

/// The key of a kernel's plan for a target: 32 hexadecimal digits of a hash of its structure (names
/// and layers play no part) and of the target's sizes.
std::string makePlanKey(exec::KernelOp kernel, const KernelTarget &target);

} // namespace oriel

#endif // ORIEL_COMPILER_TUNING_TUNINGTABLE_H
