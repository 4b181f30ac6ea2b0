//===- Options.h - The command line of oriel-compare ----------------------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_OPTIONS_H
#define ORIEL_TOOLS_ORIEL_COMPARE_OPTIONS_H

#include "tools/support/CompileSource.h"

namespace oriel {

/// The command line as it was given.
struct CompareOptions {
  CompileSource source;
  std::vector<std::string> inputs;
  std::string reference;
  std::string otherTarget;
  std::string perturbedKernel;
  std::string reduced;
  std::string picture;
  std::string json;
  int threads = 0;
  bool all = false;
};

void addCompareOptions(CLI::App &app, CompareOptions &options);

/// Completes the options once the command line is parsed: a .mlir file brings the weights and
/// inputs that stand beside it. Throws CLI::ParseError where something is missing.
void finishCompareOptions(const CLI::App &app, CompareOptions &options);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_OPTIONS_H
