// The tools around the runtime as a user calls them, on the hand-written example module.

#ifndef ORIEL_TESTS_UNIT_TOOLS_TOOLFIXTURE_H
#define ORIEL_TESTS_UNIT_TOOLS_TOOLFIXTURE_H

#include "../runtime/ExampleModule.h"
#include "runtime/data/Npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace oriel::test {

using Json = nlohmann::json;

struct Outcome {
  int status;
  std::string output;
  std::string error;
};

class Tools : public testing::Test {
protected:
  void SetUp() override { module = folder.write("module.so", exampleModule(folder)); }

  /// Runs `tool` (run, bench, eval or info) with `arguments`, as a shell takes them.
  Outcome call(const std::string &tool, const std::string &arguments,
               const std::string &setUp = "") {
    std::string command = setUp + ORIEL_TOOLS "/oriel-" + tool + " " + arguments;
    int status = std::system(
        (command + " >" + folder.path("stdout") + " 2>" + folder.path("stderr")).c_str());
    auto text = [&](const char *name) {
      Bytes bytes = readFile(folder.path(name));
      return std::string(bytes.begin(), bytes.end());
    };
    return {WEXITSTATUS(status), text("stdout"), text("stderr")};
  }
  /// Expects exit code `status`, one line on stderr and nothing on stdout; gives the line.
  std::string failure(int status, const std::string &tool, const std::string &arguments) {
    Outcome outcome = call(tool, arguments);
    EXPECT_EQ(outcome.status, status) << arguments;
    EXPECT_EQ(outcome.output, "");
    EXPECT_EQ(outcome.error.find('\n'), outcome.error.size() - 1) << outcome.error;
    EXPECT_THAT(outcome.error, testing::StartsWith("oriel-" + tool + ": "));
    return outcome.error;
  }
  Json json(const std::string &tool, const std::string &arguments) {
    Outcome outcome = call(tool, arguments + " --json");
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(outcome.error, "");
    return Json::parse(outcome.output);
  }
  std::string writeInput(const std::vector<int64_t> &shape, const std::vector<float> &values) {
    std::string error;
    EXPECT_TRUE(writeNpy(folder.path("input.npy"), {shape, values}, error)) << error;
    return folder.path("input.npy");
  }

  TemporaryFolder folder;
  std::string module;
  const std::string images = ORIEL_TEST_DATA "/images/";
};

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_TOOLS_TOOLFIXTURE_H
