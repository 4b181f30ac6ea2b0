//===- SignalScope.cpp - Signals while files are written ------------------===//

#include "compiler/Target/SignalScope.h"

using namespace oriel;

FileSizeSignalScope::FileSizeSignalScope() {
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &ignore, &previous);
}

FileSizeSignalScope::~FileSizeSignalScope() { sigaction(SIGXFSZ, &previous, nullptr); }

DeferredSignalScope::DeferredSignalScope() {
  sigset_t deferred;
  sigemptyset(&deferred);
  for (int signal : {SIGHUP, SIGINT, SIGTERM}) {
    sigaddset(&deferred, signal);
  }
  pthread_sigmask(SIG_BLOCK, &deferred, &previous);
}

DeferredSignalScope::~DeferredSignalScope() { pthread_sigmask(SIG_SETMASK, &previous, nullptr); }
