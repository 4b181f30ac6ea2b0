//===- SignalScope.h - Signals while files are written --------------------===//
#ifndef ORIEL_COMPILER_TARGET_SIGNALSCOPE_H
#define ORIEL_COMPILER_TARGET_SIGNALSCOPE_H

#include <csignal>

namespace oriel {

/// While it lives, writing past the file size limit (RLIMIT_FSIZE) is an error of `write` instead
/// of the death of the process.
class FileSizeSignalScope {
public:
  FileSizeSignalScope();
  ~FileSizeSignalScope();
  FileSizeSignalScope(const FileSizeSignalScope &) = delete;

private:
  struct sigaction previous;
};

/// While it lives, SIGHUP, SIGINT and SIGTERM to the calling thread wait; they arrive at its end.
/// For short work whose temporary files must not outlive the process.
class DeferredSignalScope {
public:
  DeferredSignalScope();
  ~DeferredSignalScope();
  DeferredSignalScope(const DeferredSignalScope &) = delete;

private:
  sigset_t previous;
};

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_SIGNALSCOPE_H
