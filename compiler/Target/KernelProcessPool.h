//===- KernelProcessPool.h - Kernels made in child processes --------------===//
//
// Each kernel is made in a process of its own, forked from the compiler: from the same state
// whatever was made before and at the same time, hence the same bytes for every number of
// processes; and an abort of the code generator names a kernel instead of ending the compiler.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_TARGET_KERNELPROCESSPOOL_H
#define ORIEL_COMPILER_TARGET_KERNELPROCESSPOOL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace oriel {

struct KernelJob {
  /// The kernel and the layer that it is first used by, for messages.
  std::string kernel;
  std::string layer;
  /// Makes the kernel; runs in a child process, so that only the returned bytes get out. A failure
  /// or an exception derived from std::exception fails the job with its text.
  std::function<llvm::Expected<std::string>()> compile;
  /// Takes the bytes, in this process, as soon as the job is done; may be empty.
  std::function<void(llvm::StringRef bytes)> finished = {};
};

/// A kernel could not be made. `message` is one line that names the kernel, its layer and the
/// reason.
class KernelJobError : public llvm::ErrorInfo<KernelJobError> {
public:
  // The name that llvm::ErrorInfo asks for.
  static char ID; // NOLINT(readability-identifier-naming)

  KernelJobError(const KernelJob &job, llvm::StringRef reason, std::string output);

  void log(llvm::raw_ostream &out) const override { out << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

  std::string kernel;
  std::string layer;
  std::string message;
  /// All that the child wrote to stdout and stderr and the full text of the failure: for the
  /// detailed report, not for the terminal.
  std::string output;
};

/// Called in the parent with the number of jobs done and of all, once before the first ends and
/// then whenever one ends.
using KernelProgress = llvm::function_ref<void(size_t done, size_t total)>;

/// Runs the jobs, at most `processCount` (at least 1) at a time, and returns their bytes in the
/// order of the jobs. A job fails (KernelJobError) that returns an error, throws, ends its process
/// or writes to stdout or stderr; the first failure that is seen stops the others. No child is left
/// when the function returns, nor, if the parent is killed, afterwards. Nothing goes through files.
///
/// The calling process must be without other threads: children are forked, and go on with a copy
/// of this one. They never return from this function, run no exit handlers and do not flush the
/// parent's streams.
llvm::Expected<std::vector<std::string>>
runKernelJobs(llvm::ArrayRef<KernelJob> jobs, unsigned processCount, KernelProgress progress);

} // namespace oriel

#endif // ORIEL_COMPILER_TARGET_KERNELPROCESSPOOL_H
