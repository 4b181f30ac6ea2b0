//===- TuningLog.h - The schedules that were tried ------------------------===//
//
// A file of lines, each JSON: first what the times hold for, then one for each schedule that was
// tried. A search that is begun again takes from it what it knows already.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TUNING_TUNINGLOG_H
#define ORIEL_COMPILER_TUNING_TUNINGLOG_H

#include "compiler/Tuning/KernelTuner.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>

namespace oriel {

class TuningLog {
public:
  /// Opens the log at `path`, or begins one. What an earlier run wrote counts if it was of the same
  /// `subject` (compiler and processor); else the log begins anew. A last line that was not
  /// written to its end is left out.
  static llvm::Expected<std::unique_ptr<TuningLog>> open(llvm::StringRef path,
                                                         llvm::StringRef subject);

  /// What is known of a schedule of the kernel with that key, or nullptr.
  const MeasuredSchedule *lookup(llvm::StringRef key, const ScheduleParameters &parameters) const;

  /// Adds a schedule; it is in the file when this returns.
  void append(llvm::StringRef key, const ScheduleParameters &parameters,
              const MeasuredSchedule &measured);

private:
  TuningLog() = default;

  std::map<std::string, MeasuredSchedule> known;
  std::unique_ptr<llvm::raw_fd_ostream> out;
};

} // namespace oriel

#endif // ORIEL_COMPILER_TUNING_TUNINGLOG_H
