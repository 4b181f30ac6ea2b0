// run-modules: runs the modules that `fuzz-graphs --write-modules` left in a folder.

#include "tests/fuzz/ModuleCase.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>

using namespace oriel::fuzz;
using Path = std::filesystem::path;

static std::vector<Path> findModules(const std::string &folder) {
  std::vector<Path> modules;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".so") {
      modules.push_back(entry.path());
    }
  }
  std::sort(modules.begin(), modules.end());
  return modules;
}

/// What is wrong with a module, empty if nothing. Its case lies beside it.
static std::string checkModule(const Path &path) {
  auto whole = readCase(Path(path).replace_extension(".case").string());
  if (!whole) {
    return "its case cannot be read";
  }
  auto module = LoadedModule::load(path.string());
  if (!module) {
    return toString(module.takeError());
  }
  for (int32_t batch : getBatches(*whole)) {
    if (std::string mismatch = findMismatch(*module, withBatch(*whole, batch)); !mismatch.empty()) {
      return mismatch;
    }
  }
  return {};
}

int main(int argc, char **argv) {
  std::string folder;
  CLI::App app("Runs the modules that `fuzz-graphs --write-modules` left in a folder, and compares "
               "with what it wrote beside them. No compiler is needed.",
               "run-modules");
  app.footer("\nExit code: 0 no difference, 1 differences, 2 wrong usage.");
  app.add_option("folder", folder, "where the modules and their cases are")
      ->required()
      ->check(CLI::ExistingDirectory);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::vector<Path> modules = findModules(folder);
  if (modules.empty()) {
    std::cerr << "run-modules: " << folder << " holds no module" << std::endl;
    return 2;
  }
  size_t failed = 0;
  for (const Path &module : modules) {
    // Before it runs, as it may crash.
    std::cout << module.filename().string() << std::flush;
    std::string mismatch = checkModule(module);
    std::cout << (mismatch.empty() ? ": well" : ": " + mismatch) << std::endl;
    failed += !mismatch.empty();
  }
  std::cout << modules.size() << " modules, " << failed << " failed" << std::endl;
  return failed == 0 ? 0 : 1;
}
