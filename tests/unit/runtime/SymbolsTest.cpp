// What the runtime and modules ask of a system, and what they show of themselves.

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

/// Standard output of `command`, line by line.
static std::set<std::string> lines(const std::string &command) {
  FILE *pipe = popen(command.c_str(), "r");
  std::string output;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) {
    output += char(c);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  std::set<std::string> result;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) {
    result.insert(line);
  }
  return result;
}

static std::set<std::string> exportedSymbols(const std::string &file) {
  return lines(ORIEL_LLVM_BIN "/llvm-nm -D --defined-only --format=just-symbols " + file);
}

TEST(RuntimeLibrary, ExportsItsApiOnly) {
  std::set<std::string> symbols = exportedSymbols(ORIEL_RUNTIME_FILE);
  EXPECT_TRUE(symbols.count("oriel_module_load"));
  for (const std::string &symbol : symbols) {
    EXPECT_EQ(symbol.rfind("oriel_", 0), 0u) << symbol;
  }
}

TEST(RuntimeLibrary, NeedsLibcAndLibmOnly) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizers bring libraries of their own";
#endif
  for (const std::string &line : lines(ORIEL_LLVM_BIN "/llvm-readelf -d " ORIEL_RUNTIME_FILE)) {
    if (line.find("(NEEDED)") != std::string::npos) {
      EXPECT_TRUE(line.find("[libc.so.6]") != std::string::npos ||
                  line.find("[libm.so.6]") != std::string::npos)
          << line;
    }
  }
}

TEST(RuntimeLibrary, IsSmall) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizers add code";
#endif
  std::string stripped = testing::TempDir() + "oriel_runtime_stripped.so";
  lines(ORIEL_LLVM_BIN "/llvm-strip -o " + stripped + " " ORIEL_RUNTIME_FILE);
  EXPECT_LE(std::filesystem::file_size(stripped), 400u * 1024);
  std::filesystem::remove(stripped);
}

TEST(ModuleLibrary, ExportsItsQueryOnly) {
  EXPECT_EQ(exportedSymbols(ORIEL_EXAMPLE_ELF), std::set<std::string>{"oriel_module_query"});
}
