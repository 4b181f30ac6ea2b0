#include "tools/oriel-eval/Interrupt.h"

using namespace oriel;

/// A handler can reach nothing else.
static volatile sig_atomic_t interrupted = 0;

InterruptScope::InterruptScope() {
  interrupted = 0;
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = SA_RESTART | int(SA_RESETHAND);
  sigaction(SIGINT, &action, &previousInterrupt);
  sigaction(SIGTERM, &action, &previousTermination);
}

InterruptScope::~InterruptScope() {
  sigaction(SIGINT, &previousInterrupt, nullptr);
  sigaction(SIGTERM, &previousTermination, nullptr);
}

bool InterruptScope::isInterrupted() const { return interrupted != 0; }
