// Ctrl-C as a question that a loop asks.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_INTERRUPT_H
#define ORIEL_TOOLS_ORIEL_EVAL_INTERRUPT_H

#include <csignal>

namespace oriel {

/// While it lives, the first SIGINT or SIGTERM is remembered; a second one ends the process.
class InterruptScope {
public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope &) = delete;

  bool isInterrupted() const;

private:
  struct sigaction previousInterrupt;
  struct sigaction previousTermination;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_INTERRUPT_H
