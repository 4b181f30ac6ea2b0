//===- TestFolder.h - A folder for the files of one test ------------------===//
#ifndef ORIEL_TESTS_UNIT_COMPILER_TARGET_TESTFOLDER_H
#define ORIEL_TESTS_UNIT_COMPILER_TARGET_TESTFOLDER_H

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace oriel::test {

/// Removed with its files at the end of the test.
class TestFolder {
public:
  TestFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "oriel-test-XXXXXX";
    path = mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path); }

  std::string file(const std::string &name) const { return path / name; }
  std::string write(const std::string &name, const std::string &content) const {
    std::ofstream(path / name, std::ios::binary) << content;
    return path / name;
  }
  std::string read(const std::string &name) const {
    std::ifstream stream(path / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// Names of what is in it.
  std::set<std::string> list() const {
    std::set<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(path)) {
      names.insert(entry.path().filename());
    }
    return names;
  }

  std::filesystem::path path;
};

/// While it lives, temporary files are made in a folder of the test's own.
class TemporaryFilesIn {
public:
  explicit TemporaryFilesIn(const TestFolder &folder) {
    if (const char *value = getenv("TMPDIR")) {
      previous = value;
    }
    setenv("TMPDIR", folder.path.c_str(), 1);
  }
  ~TemporaryFilesIn() {
    previous.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", previous.c_str(), 1);
  }

private:
  std::string previous;
};

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_COMPILER_TARGET_TESTFOLDER_H
