//===- KernelProcessPool.cpp - Kernels made in child processes ------------===//

#include "compiler/Target/KernelProcessPool.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace oriel;

char KernelJobError::ID;

KernelJobError::KernelJobError(const KernelJob &job, StringRef reason, std::string output)
    : kernel(job.kernel), layer(job.layer), output(std::move(output)) {
  std::string place = layer.empty() ? "" : " (layer '" + layer + "')";
  message = "compiling kernel '" + kernel + "'" + place + " failed: " + reason.str();
}

//===----------------------------------------------------------------------===//
// The child
//===----------------------------------------------------------------------===//

// What a child sends: one of these, then bytes to the end.
static constexpr char resultTag = 'r';
static constexpr char failureTag = 'f';

/// Writes all bytes; ends the child where the parent does not read.
static void writeFully(int file, StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      _exit(1);
    }
    bytes = bytes.drop_front(count);
  }
}

/// Signals do in the child what they do by default: the parent's handlers would remove the parent's
/// temporary files.
static void resetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    ::signal(signal, SIG_DFL);
  }
  // Into a pipe that nobody reads: an error of `write`.
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

static std::string runJob(const KernelJob &job) {
  try {
    auto bytes = job.compile();
    return bytes ? resultTag + *bytes : failureTag + toString(bytes.takeError());
  } catch (const std::exception &exception) {
    return failureTag + std::string(exception.what());
  }
}

[[noreturn]] static void runChild(const KernelJob &job, pid_t parent, int resultPipe,
                                  int outputPipe) {
  resetSignals();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have ended before that.
  if (getppid() != parent || dup2(outputPipe, STDOUT_FILENO) < 0 ||
      dup2(outputPipe, STDERR_FILENO) < 0) {
    _exit(1);
  }
  std::string message = runJob(job);
  std::fflush(nullptr);
  outs().flush();
  errs().flush();
  writeFully(resultPipe, message);
  _exit(0);
}

//===----------------------------------------------------------------------===//
// The parent
//===----------------------------------------------------------------------===//

namespace {
/// A running child. Gone, killed and waited for, with the object.
class KernelProcess {
public:
  /// Forks; nullptr where the system has no more processes or files, with errno set.
  static std::unique_ptr<KernelProcess> start(const KernelJob &job, size_t index);
  ~KernelProcess();

  /// What to wait for: both pipes until their ends. A negative descriptor is ignored by poll.
  pollfd pollResult() const { return {resultPipe, POLLIN, 0}; }
  pollfd pollOutput() const { return {outputPipe, POLLIN, 0}; }
  /// Reads what is there; closes a pipe at its end.
  void readResult() { readSome(resultPipe, result); }
  void readOutput() { readSome(outputPipe, output); }
  bool isDone() const { return resultPipe < 0 && outputPipe < 0; }

  /// Waits for the child that has closed its pipes and judges it.
  Expected<std::string> finish(const KernelJob &job);

  const size_t index;

private:
  KernelProcess(size_t index, pid_t child, int resultPipe, int outputPipe)
      : index(index), child(child), resultPipe(resultPipe), outputPipe(outputPipe) {}
  static void readSome(int &pipe, std::string &bytes);
  int wait();

  pid_t child;
  int resultPipe, outputPipe;
  std::string result, output;
};
} // namespace

std::unique_ptr<KernelProcess> KernelProcess::start(const KernelJob &job, size_t index) {
  int resultPipe[2], outputPipe[2];
  if (pipe(resultPipe) != 0) {
    return nullptr;
  }
  if (pipe(outputPipe) != 0) {
    close(resultPipe[0]);
    close(resultPipe[1]);
    return nullptr;
  }
  // What the streams hold now would also be in the child's copies.
  std::fflush(nullptr);
  outs().flush();
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    runChild(job, parent, resultPipe[1], outputPipe[1]);
  }
  int code = errno;
  close(resultPipe[1]);
  close(outputPipe[1]);
  if (child < 0) {
    close(resultPipe[0]);
    close(outputPipe[0]);
    errno = code;
    return nullptr;
  }
  return std::unique_ptr<KernelProcess>(
      new KernelProcess(index, child, resultPipe[0], outputPipe[0]));
}

KernelProcess::~KernelProcess() {
  for (int pipe : {resultPipe, outputPipe}) {
    if (pipe >= 0) {
      close(pipe);
    }
  }
  if (child > 0) {
    kill(child, SIGKILL);
    wait();
  }
}

/// Reaps the child and returns its status.
int KernelProcess::wait() {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  child = -1;
  return status;
}

void KernelProcess::readSome(int &pipe, std::string &bytes) {
  char buffer[65536];
  ssize_t count = read(pipe, buffer, sizeof buffer);
  if (count > 0) {
    bytes.append(buffer, count);
  } else if (count == 0 || errno != EINTR) {
    close(pipe);
    pipe = -1;
  }
}

static std::string describeStatus(int status) {
  if (WIFSIGNALED(status)) {
    return std::string("its process was ended by a signal: ") + strsignal(WTERMSIG(status));
  }
  return "its process ended with code " + std::to_string(WEXITSTATUS(status));
}

Expected<std::string> KernelProcess::finish(const KernelJob &job) {
  int status = wait();
  bool failed = StringRef(result).starts_with(failureTag);
  if (status != 0 || result.empty()) {
    return make_error<KernelJobError>(job, describeStatus(status), std::move(output));
  }
  if (failed) {
    StringRef text = StringRef(result).drop_front();
    return make_error<KernelJobError>(job, text.trim().split('\n').first, output + text.str());
  }
  if (!output.empty()) {
    return make_error<KernelJobError>(
        job, "the code generator printed a diagnostic; --report has its text", std::move(output));
  }
  result.erase(0, 1);
  return std::move(result);
}

/// Waits until a child has written or ended, and reads.
static void readFromChildren(ArrayRef<std::unique_ptr<KernelProcess>> running) {
  std::vector<pollfd> pipes;
  for (const auto &process : running) {
    pipes.push_back(process->pollResult());
    pipes.push_back(process->pollOutput());
  }
  if (poll(pipes.data(), pipes.size(), -1) <= 0) {
    return;
  }
  for (auto [i, process] : enumerate(running)) {
    if (pipes[2 * i].revents != 0) {
      process->readResult();
    }
    if (pipes[2 * i + 1].revents != 0) {
      process->readOutput();
    }
  }
}

Expected<std::vector<std::string>>
oriel::runKernelJobs(ArrayRef<KernelJob> jobs, unsigned processCount, KernelProgress progress) {
  std::vector<std::string> results(jobs.size());
  std::vector<std::unique_ptr<KernelProcess>> running;
  size_t startedCount = 0, doneCount = 0;
  progress(0, jobs.size());
  while (doneCount < jobs.size()) {
    while (startedCount < jobs.size() && running.size() < std::max(processCount, 1u)) {
      auto process = KernelProcess::start(jobs[startedCount], startedCount);
      if (!process) {
        return make_error<KernelJobError>(
            jobs[startedCount], std::string("no process can be started: ") + strerror(errno), "");
      }
      running.push_back(std::move(process));
      ++startedCount;
    }
    readFromChildren(running);
    for (const auto &process : running) {
      if (!process->isDone()) {
        continue;
      }
      auto bytes = process->finish(jobs[process->index]);
      if (!bytes) {
        return bytes.takeError();
      }
      if (const auto &finished = jobs[process->index].finished) {
        finished(*bytes);
      }
      results[process->index] = std::move(*bytes);
      progress(++doneCount, jobs.size());
    }
    erase_if(running, [](const auto &process) { return process->isDone(); });
  }
  return results;
}
