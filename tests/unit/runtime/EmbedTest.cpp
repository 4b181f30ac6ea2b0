// The example program of the documentation, run as a user runs it.

#include "ExampleModule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

using namespace oriel::test;

/// Runs `command` in a shell; its standard output and error, and its exit status.
static std::string runCommand(const std::string &command, int &status) {
  FILE *pipe = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) {
    output += char(c);
  }
  status = WEXITSTATUS(pclose(pipe));
  return output;
}

TEST(Embed, RunsAModule) {
  TemporaryFolder folder;
  std::string path = folder.write("module.so", exampleModule(folder));
  std::vector<float> grey(exampleChannels, 0.5f), logits = exampleResult(grey.data());
  auto best = std::max_element(logits.begin(), logits.end());
  char expected[64];
  snprintf(expected, sizeof expected, "class %td with logit %g\n", best - logits.begin(), *best);
  int status;
  EXPECT_EQ(runCommand(ORIEL_EMBED " " + path, status), expected);
  EXPECT_EQ(status, 0);
}

TEST(Embed, SaysWhatIsWrongInOneLine) {
  int status;
  EXPECT_THAT(runCommand(ORIEL_EMBED " /dev/null", status),
              testing::StartsWith("embed: '/dev/null' is not a regular file"));
  EXPECT_EQ(status, 1);
}
