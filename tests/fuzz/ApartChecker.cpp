//===- ApartChecker.cpp - A check in a process of its own -----------------===//

#include "tests/fuzz/GraphChecker.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace oriel;
using namespace oriel::fuzz;

namespace {

/// What the child leaves in memory that both share.
struct Report {
  bool isComplete;
  Verdict::Kind kind;
  char stage[256], text[4096];
};

/// A page that the processes share.
class SharedReport {
public:
  SharedReport()
      : report(static_cast<Report *>(mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedReport() { munmap(report, sizeof(Report)); }
  SharedReport(const SharedReport &) = delete;
  SharedReport &operator=(const SharedReport &) = delete;

  Report *operator->() const { return report; }

private:
  Report *report;
};

} // namespace

template <size_t size>
static void copyText(char (&to)[size], llvm::StringRef text) {
  size_t length = std::min(text.size(), size - 1);
  std::copy_n(text.begin(), length, to);
  to[length] = '\0';
}

/// Ends endless loops; nothing that a graph of the generator needs takes this long, on any machine.
static void limitTime() {
  constexpr rlim_t processorSeconds = 300;
  constexpr unsigned seconds = 1800;
  rlimit limit{processorSeconds, processorSeconds};
  setrlimit(RLIMIT_CPU, &limit);
  rlimit noCore{0, 0};
  setrlimit(RLIMIT_CORE, &noCore);
  alarm(seconds);
}

static std::string describeEnd(int status) {
  if (WIFSIGNALED(status)) {
    return std::string("ended by a signal: ") + strsignal(WTERMSIG(status));
  }
  return "ended with code " + std::to_string(WEXITSTATUS(status));
}

Verdict fuzz::checkGraphApart(mlir::ModuleOp graph, const CheckOptions &options) {
  SharedReport report;
  // What the streams hold now would also be in the child's copies.
  std::fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    limitTime();
    Verdict verdict =
        checkGraph(graph, options, [&](llvm::StringRef stage) { copyText(report->stage, stage); });
    report->kind = verdict.kind;
    copyText(report->stage, verdict.stage);
    copyText(report->text, verdict.text);
    report->isComplete = true;
    _exit(0);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child > 0 && report->isComplete) {
    return {report->kind, report->stage, report->text};
  }
  std::string text = child < 0 ? "no process can be started" : describeEnd(status);
  return {Verdict::Kind::Different, report->stage, text};
}
