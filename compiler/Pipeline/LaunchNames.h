//===- LaunchNames.h - The launch that a user names -----------------------===//
//
// Plain C++ without MLIR: the compiler asks for launches of phase exec, the tools around the
// runtime for those of a module's launch table.
//
//===----------------------------------------------------------------------===//
#ifndef ORIEL_COMPILER_PIPELINE_LAUNCHNAMES_H
#define ORIEL_COMPILER_PIPELINE_LAUNCHNAMES_H

#include <optional>
#include <string>
#include <vector>

namespace oriel {

/// What a launch can be called.
struct LaunchNames {
  std::string kernel;
  /// Of all that it computes, the anchor's first.
  std::vector<std::string> layers;
};

/// Position of the first launch of the kernel `name`; else of the first whose anchor is of the
/// layer `name`; else of the first that computes a part of that layer.
std::optional<size_t> findLaunch(const std::vector<LaunchNames> &launches, const std::string &name);

/// One line that says that no launch is called `name`, with up to three names that have a part
/// which nearly is `name`.
std::string describeUnknownLaunch(const std::vector<LaunchNames> &launches,
                                  const std::string &name);

} // namespace oriel

#endif // ORIEL_COMPILER_PIPELINE_LAUNCHNAMES_H
