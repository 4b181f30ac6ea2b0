//===- TunedSchedules.h - From tuning tables to schedules -----------------===//
#ifndef ORIEL_COMPILER_TUNING_TUNEDSCHEDULES_H
#define ORIEL_COMPILER_TUNING_TUNEDSCHEDULES_H

#include "compiler/Tuning/TuningTable.h"

namespace oriel {

/// What was measured on one processor, as CompileOptions::schedule takes it.
class TunedSchedules {
public:
  /// None: everything is left to the cost model.
  TunedSchedules() = default;
  TunedSchedules(TuningTable table, std::string cpu)
      : table(std::move(table)), cpu(std::move(cpu)) {}

  ScheduleParameters operator()(exec::KernelOp kernel, const KernelTarget &target) const;

private:
  TuningTable table;
  std::string cpu;
};

/// The table in a file. The error is one line that names it.
llvm::Expected<TuningTable> readTuningTable(const std::string &path);

/// The schedules for processor `cpu` (as LLVM names it) of the table in file `path`, which may be
/// empty: none then. An empty `cpu` stands for the only one of the file. Fails, with one line,
/// where the file has nothing for the processor.
llvm::Expected<TunedSchedules> loadTunedSchedules(std::string cpu, const std::string &path);

} // namespace oriel

#endif // ORIEL_COMPILER_TUNING_TUNEDSCHEDULES_H
