//===- Options.h - The command line of oriel-compile ----------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPILE_OPTIONS_H
#define ORIEL_TOOLS_ORIEL_COMPILE_OPTIONS_H

#include "tools/support/CompileSource.h"

#include <optional>
#include <string>

namespace oriel {

/// The command line as it was given; strings are checked where they are used.
struct CommandLine {
  CompileSource source;
  /// f32, u8, or empty where it was not given.
  std::string input;
  std::string output;
  std::string dumpDirectory;
  std::string compileTo = "module";
  std::string extractedKernel;
  std::string report;
  std::string labels;
  bool remarks = false;
  bool printModel = false;
  bool listModels = false;
};

/// Parses the command line. Returns an exit code where the program is to end now: 0 after --help
/// and --version, 2 after a usage error, which is then told in one line on stderr.
std::optional<int> parseCommandLine(int argc, char **argv, CommandLine &commandLine);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPILE_OPTIONS_H
