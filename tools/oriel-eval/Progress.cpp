#include "tools/oriel-eval/Progress.h"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace oriel;

std::string oriel::progressText(size_t done, size_t total, double seconds, size_t barWidth,
                                const std::string &note) {
  std::string text;
  if (barWidth > 0) {
    size_t filled = total > 0 ? barWidth * done / total : barWidth;
    text = "[" + std::string(filled, '#') + std::string(barWidth - filled, '-') + "]  ";
  }
  double rate = seconds > 0 ? double(done) / seconds : 0;
  char numbers[128];
  snprintf(numbers, sizeof numbers, "%zu/%zu  %.1f images/s", done, total, rate);
  text += numbers;
  if (rate > 0 && done < total) {
    auto left = static_cast<long>(double(total - done) / rate + 0.5);
    snprintf(numbers, sizeof numbers, "  %ld:%02ld left", left / 60, left % 60);
    text += numbers;
  }
  return note.empty() ? text : text + "  " + note;
}

Progress::Progress(size_t total) : total(total), isTerminal(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (isTerminal) {
    fprintf(stderr, "\r\x1b[K");
  }
}

static size_t terminalWidth() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Progress::update(size_t done, const std::string &note) {
  Clock::time_point now = Clock::now();
  double seconds = std::chrono::duration<double>(now - start).count();
  if (isTerminal) {
    if (now - lastDrawn >= std::chrono::milliseconds(100)) {
      lastDrawn = now;
      // One column is left free, or some terminals begin a new line.
      std::string text =
          progressText(done, total, seconds, 24, note).substr(0, terminalWidth() - 1);
      fprintf(stderr, "\r%s\x1b[K", text.c_str());
    }
  } else if (size_t tenth = total > 0 ? 10 * done / total : 10; tenth > lastTenth) {
    lastTenth = tenth;
    fprintf(stderr, "%s\n", progressText(done, total, seconds, 0, note).c_str());
  }
}
