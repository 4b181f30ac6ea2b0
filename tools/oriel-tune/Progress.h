//===- Progress.h - How far a search is -----------------------------------===//
#ifndef ORIEL_TOOLS_ORIEL_TUNE_PROGRESS_H
#define ORIEL_TOOLS_ORIEL_TUNE_PROGRESS_H

#include "compiler/Tuning/TuningSession.h"

namespace oriel {

/// On a terminal a bar with the time that is left of the budget, one line of standard error that is
/// written over and gone at the end; elsewhere a line on standard output for each step.
class TuningProgressPrinter {
public:
  explicit TuningProgressPrinter(double budget);
  ~TuningProgressPrinter();
  TuningProgressPrinter(const TuningProgressPrinter &) = delete;

  /// A kernel was measured with the cost model's schedule.
  void measured(size_t done, size_t total);
  /// A turn of a kernel is over.
  void searched(const TuningProgress &progress);
  /// A schedule failed; in one line.
  void warn(const std::string &text) const;

private:
  void show(double share, const std::string &text) const;

  double budget;
  bool isTerminal;
};

/// "[#####-----]  ": `share` of `width` places filled.
std::string progressBar(double share, size_t width);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_TUNE_PROGRESS_H
