#include "compiler/Target/KernelProcessPool.h"

#include "TestFolder.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Signals.h"
#include "gmock/gmock.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace oriel;
using namespace oriel::test;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A value that parent and children see alike.
template <typename T>
class Shared {
public:
  Shared() {
    void *memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    value = new (memory) T();
  }
  ~Shared() { munmap(value, sizeof(T)); }
  T *operator->() const { return value; }
  T &operator*() const { return *value; }

private:
  T *value;
};

auto ignoreProgress = [](size_t, size_t) {};

KernelJob succeeding(std::string bytes) {
  return {"fine", "layer", [bytes] { return bytes; }};
}

KernelJob job(std::function<llvm::Expected<std::string>()> compile) {
  return {"gemm_96x384", "layers.0.blocks.1.mlp.fc1", std::move(compile)};
}

/// The error of jobs of which one must fail.
std::unique_ptr<KernelJobError> failureOf(std::vector<KernelJob> jobs, unsigned processCount = 2) {
  auto results = runKernelJobs(jobs, processCount, ignoreProgress);
  std::unique_ptr<KernelJobError> failure;
  if (!results) {
    handleAllErrors(results.takeError(),
                    [&](std::unique_ptr<KernelJobError> error) { failure = std::move(error); });
  }
  return failure;
}

bool hasChildren() { return !(waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD); }

TEST(KernelProcessPool, ReturnsResultsInTheOrderOfTheJobs) {
  std::vector<KernelJob> jobs;
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back("object " + std::to_string(i));
    jobs.push_back(job([i] {
      usleep((50 - i) % 7 * 2000);
      return "object " + std::to_string(i);
    }));
  }
  for (unsigned processCount : {1, 3, 64}) {
    auto results = runKernelJobs(jobs, processCount, ignoreProgress);
    ASSERT_TRUE(bool(results)) << toString(results.takeError());
    EXPECT_EQ(*results, expected);
  }
  EXPECT_FALSE(hasChildren());
}

TEST(KernelProcessPool, PassesLargeAndEmptyAndBinaryResults) {
  std::string large(9 << 20, '\0');
  for (size_t i = 0; i < large.size(); ++i) {
    large[i] = char(i * 2654435761u >> 24);
  }
  auto results = runKernelJobs({succeeding(large), succeeding(""), succeeding(large + "end")}, 2,
                               ignoreProgress);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_TRUE((*results)[0] == large);
  EXPECT_EQ((*results)[1], "");
  EXPECT_TRUE((*results)[2] == large + "end");
}

TEST(KernelProcessPool, RunsNoMoreProcessesThanAllowedButAsMany) {
  struct Counters {
    std::atomic<int> running = 0, most = 0;
  };
  Shared<Counters> counters;
  std::vector<KernelJob> jobs(8, job([&]() -> std::string {
                                int now = ++counters->running;
                                for (int most = counters->most;
                                     most < now &&
                                     !counters->most.compare_exchange_weak(most, now);) {
                                }
                                // Goes on only when two have been here at once.
                                while (counters->most < 2) {
                                  usleep(1000);
                                }
                                --counters->running;
                                return "done";
                              }));
  auto results = runKernelJobs(jobs, 2, ignoreProgress);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_EQ(counters->most, 2);
}

TEST(KernelProcessPool, ReportsProgressUpToAllJobs) {
  std::vector<std::pair<size_t, size_t>> seen, expected = {{0, 3}, {1, 3}, {2, 3}, {3, 3}};
  std::vector<KernelJob> jobs(3, succeeding("x"));
  auto results =
      runKernelJobs(jobs, 2, [&](size_t done, size_t total) { seen.emplace_back(done, total); });
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_EQ(seen, expected);
}

TEST(KernelProcessPool, DoesNothingWithoutJobs) {
  auto results = runKernelJobs({}, 2, ignoreProgress);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_TRUE(results->empty());
}

TEST(KernelProcessPool, JobsDoNotSeeEachOthersState) {
  int counter = 0;
  std::vector<KernelJob> jobs(4, job([&] { return std::to_string(++counter); }));
  auto results = runKernelJobs(jobs, 1, ignoreProgress);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_THAT(*results, testing::Each("1"));
  EXPECT_EQ(counter, 0);
}

TEST(KernelProcessPool, NamesKernelAndLayerOfAFailure) {
  auto failure = failureOf({succeeding("x"), job([]() -> llvm::Expected<std::string> {
                              return llvm::createStringError("no schedule\nsecond line");
                            })});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kernel, "gemm_96x384");
  EXPECT_EQ(failure->layer, "layers.0.blocks.1.mlp.fc1");
  EXPECT_EQ(failure->message, "compiling kernel 'gemm_96x384' (layer 'layers.0.blocks.1.mlp.fc1') "
                              "failed: no schedule");
  EXPECT_THAT(failure->output, HasSubstr("second line"));
}

TEST(KernelProcessPool, ReportsAnException) {
  auto failure =
      failureOf({job([]() -> std::string { throw std::runtime_error("Func f has no bound"); })});
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("failed: Func f has no bound"));
}

TEST(KernelProcessPool, SurvivesAnAbortAndKeepsItsOutputForTheReport) {
  auto failure = failureOf({succeeding("x"), job([]() -> std::string {
                              fputs("Internal Error at CodeGen.cpp:42\n", stderr);
                              abort();
                            })});
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("its process was ended by a signal: Aborted"));
  EXPECT_THAT(failure->message, Not(HasSubstr("CodeGen.cpp")));
  EXPECT_THAT(failure->message, Not(HasSubstr("\n")));
  EXPECT_EQ(failure->output, "Internal Error at CodeGen.cpp:42\n");
  EXPECT_FALSE(hasChildren());
}

TEST(KernelProcessPool, TakesAnEarlyExitForAFailure) {
  for (int code : {0, 3}) {
    auto failure = failureOf({job([code]() -> std::string { _exit(code); })});
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->message, HasSubstr("ended with code " + std::to_string(code)));
  }
}

TEST(KernelProcessPool, TakesAPrintedDiagnosticForAFailure) {
  for (int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    auto failure = failureOf({job([stream]() -> std::string {
      dprintf(stream, "Warning: clamping\n");
      return "object";
    })});
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->output, "Warning: clamping\n");
    EXPECT_THAT(failure->message, Not(HasSubstr("clamping")));
  }
}

TEST(KernelProcessPool, ReadsMoreOutputThanAPipeHolds) {
  auto failure = failureOf({job([]() -> std::string {
    fputs(std::string(1 << 20, 'w').c_str(), stderr);
    return "object";
  })});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->output.size(), size_t(1) << 20);
}

TEST(KernelProcessPool, StopsAndReapsTheOthersAfterAFailure) {
  auto endless = job([]() -> std::string {
    for (;;) {
      pause();
    }
  });
  EXPECT_TRUE(failureOf({endless, endless, job([]() -> std::string { abort(); })}, 3));
  EXPECT_FALSE(hasChildren());
}

TEST(KernelProcessPool, RunsNoExitHandlerInAChild) {
  static pid_t parent;
  static std::atomic<bool> *ran;
  parent = getpid();
  Shared<std::atomic<bool>> flag;
  ran = &*flag;
  std::atexit([] {
    if (getpid() != parent) {
      *ran = true;
    }
  });
  auto results = runKernelJobs({succeeding("x")}, 1, ignoreProgress);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_FALSE(*flag);
}

TEST(KernelProcessPool, WritesWhatTheParentHasBufferedOnce) {
  TestFolder folder;
  FILE *file = fopen(folder.file("log").c_str(), "w");
  fputs("once", file);
  auto results = runKernelJobs({succeeding("x"), succeeding("y")}, 2, ignoreProgress);
  fclose(file);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  EXPECT_EQ(folder.read("log"), "once");
}

TEST(KernelProcessPool, ACrashOfAChildLeavesTheParentsTemporaryFiles) {
  TestFolder folder;
  std::string file = folder.write("module.so.tmp", "x");
  llvm::sys::RemoveFileOnSignal(file);
  EXPECT_TRUE(failureOf({job([]() -> std::string { abort(); })}));
  EXPECT_TRUE(failureOf({job([]() -> std::string {
    raise(SIGTERM);
    return "";
  })}));
  EXPECT_EQ(folder.read("module.so.tmp"), "x");
  llvm::sys::DontRemoveFileOnSignal(file);
}

TEST(KernelProcessPool, ChildrenDieWithTheParent) {
  // Orphans come to this process, which can see how they ended.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  Shared<std::atomic<pid_t>> child;
  pid_t compiler = fork();
  if (compiler == 0) {
    auto results = runKernelJobs({job([&]() -> std::string {
                                   *child = getpid();
                                   for (;;) {
                                     pause();
                                   }
                                 })},
                                 1, ignoreProgress);
    _exit(0);
  }
  while (*child == 0) {
    usleep(1000);
  }
  kill(compiler, SIGKILL);
  int status;
  ASSERT_EQ(waitpid(compiler, &status, 0), compiler);
  ASSERT_EQ(waitpid(*child, &status, 0), *child);
  EXPECT_TRUE(WIFSIGNALED(status));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

} // namespace
