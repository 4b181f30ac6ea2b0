//===- Progress.cpp - How far a search is ---------------------------------===//

#include "tools/oriel-tune/Progress.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace oriel;
using llvm::formatv;

std::string oriel::progressBar(double share, size_t width) {
  auto filled = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]  ";
}

TuningProgressPrinter::TuningProgressPrinter(double budget)
    : budget(budget), isTerminal(isatty(STDERR_FILENO) != 0) {}

TuningProgressPrinter::~TuningProgressPrinter() {
  if (isTerminal) {
    fprintf(stderr, "\r\x1b[K");
  }
}

void TuningProgressPrinter::warn(const std::string &text) const {
  fprintf(stderr, "%soriel-tune: warning: %s\n", isTerminal ? "\r\x1b[K" : "", text.c_str());
}

void TuningProgressPrinter::show(double share, const std::string &text) const {
  if (!isTerminal) {
    llvm::outs() << text << "\n";
    llvm::outs().flush();
    return;
  }
  winsize size = {};
  bool isKnown = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  // One column is left free, or some terminals begin a new line.
  std::string line = (progressBar(share, 24) + text).substr(0, (isKnown ? size.ws_col : 80) - 1);
  fprintf(stderr, "\r%s\x1b[K", line.c_str());
}

void TuningProgressPrinter::measured(size_t done, size_t total) {
  show(static_cast<double>(done) / static_cast<double>(total),
       formatv("measured {0} of {1} kernels", done, total));
}

void TuningProgressPrinter::searched(const TuningProgress &progress) {
  auto left = static_cast<long>(std::max(0.0, budget - progress.secondsSpent));
  std::string seconds = std::to_string(left % 60);
  show(progress.secondsSpent / budget,
       formatv("{0}:{1} left, kernel {2} of {3}: {4} ({5}), {6} schedules, best takes {7:f3} of "
               "the time{8}",
               left / 60, std::string(2 - seconds.size(), '0') + seconds, progress.position,
               progress.kernelCount, progress.kernel, progress.layer, progress.tried,
               progress.relativeTime, progress.isComplete ? ", done" : ""));
}
