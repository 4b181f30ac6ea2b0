#include "compiler/Target/SignalScope.h"

#include "TestFolder.h"
#include "gtest/gtest.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace oriel;
using namespace oriel::test;

namespace {

/// How a child that calls `body` ends.
template <typename Body>
int statusOf(Body body) {
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(DeferredSignalScope, EndsTheProcessAfterTheScope) {
  for (int signal : {SIGHUP, SIGINT, SIGTERM}) {
    TestFolder folder;
    folder.write("temporary", "");
    int status = statusOf([&] {
      DeferredSignalScope scope;
      raise(signal);
      std::filesystem::remove(folder.file("temporary"));
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_TRUE(folder.list().empty());
  }
}

TEST(FileSizeSignalScope, MakesTheLimitAnErrorOfWriteInTheScopeOnly) {
  TestFolder folder;
  auto writeTooMuch = [&] {
    int file = open(folder.file("file").c_str(), O_CREAT | O_WRONLY, 0600);
    rlimit limit = {16, 16};
    setrlimit(RLIMIT_FSIZE, &limit);
    char bytes[17] = {};
    return write(file, bytes, 16) == 16 && write(file, bytes, 1) < 0 && errno == EFBIG;
  };
  int status = statusOf([&] {
    FileSizeSignalScope scope;
    _exit(writeTooMuch() ? 7 : 1);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  status = statusOf([&] {
    {
      FileSizeSignalScope scope;
    }
    writeTooMuch();
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGXFSZ);
}

} // namespace
