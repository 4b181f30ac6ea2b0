// How far a run is: a bar with the time left on a terminal, lines elsewhere.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_PROGRESS_H
#define ORIEL_TOOLS_ORIEL_EVAL_PROGRESS_H

#include <chrono>
#include <cstddef>
#include <string>

namespace oriel {

/// On standard error. On a terminal the bar is one line that is written over, at most ten times a
/// second, and is gone at the end; elsewhere there is a line for each tenth.
class Progress {
public:
  explicit Progress(size_t total);
  ~Progress();
  Progress(const Progress &) = delete;

  /// `note` stands behind the numbers.
  void update(size_t done, const std::string &note);

private:
  using Clock = std::chrono::steady_clock;

  size_t total;
  bool isTerminal;
  Clock::time_point start = Clock::now();
  Clock::time_point lastDrawn = {};
  size_t lastTenth = 0;
};

/// "[#####-----]  50/100  12.5 images/s  0:04 left  NOTE", without the bar where `barWidth` is 0.
std::string progressText(size_t done, size_t total, double seconds, size_t barWidth,
                         const std::string &note);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_PROGRESS_H
