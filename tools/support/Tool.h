// What the tools around the runtime share: exit codes, errors, modules and contexts that release
// themselves.

#ifndef ORIEL_TOOLS_SUPPORT_TOOL_H
#define ORIEL_TOOLS_SUPPORT_TOOL_H

#include "oriel/runtime.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace oriel {

/// A failure with one line for the user; runTool prints it and exits with 1.
struct ToolError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Parses the command line into what `app` was given, then calls `body`. Returns the exit code: 0
/// done, 1 failed (one line on stderr), 2 wrong usage (one line on stderr).
int runTool(CLI::App &app, int argc, char **argv, const std::function<void()> &body);

struct Release {
  void operator()(oriel_module *module) const { oriel_module_release(module); }
  void operator()(oriel_context *context) const { oriel_context_release(context); }
  void operator()(oriel_pool *pool) const { oriel_pool_release(pool); }
};
using ModuleHandle = std::unique_ptr<oriel_module, Release>;
using ContextHandle = std::unique_ptr<oriel_context, Release>;
using PoolHandle = std::unique_ptr<oriel_pool, Release>;

/// These throw ToolError with the runtime's text.
ModuleHandle loadModule(const std::string &path, const oriel_load_options &options);
ContextHandle createContext(oriel_module &module, const oriel_context_options &options);
PoolHandle createPool(const oriel_pool_options &options);
void runContext(oriel_context &context, const void *input, float *output);
void runLaunch(oriel_context &context, int32_t launch, int32_t repeats, const void *input,
               float *output);

/// ORIEL_ISA_* bits of a list such as "avx512f,avx2". Throws ToolError on an unknown name.
uint64_t parseFeatures(const std::string &names);

/// Shape at `batch` items.
std::vector<int64_t> shapeAtBatch(const oriel_tensor_info &tensor, int64_t batch);

/// "float32", "uint8".
const char *elementTypeName(int32_t elementType);

/// Bytes of one batch item.
int64_t bytesPerItem(const oriel_tensor_info &tensor);

/// Elements of one batch item.
int64_t elementsPerItem(const oriel_tensor_info &tensor);

/// The signature of a model with one input and one float32 output; throws ToolError on another.
const oriel_signature &singleTensorSignature(const oriel_module &module);

/// The p-th quantile, 0 <= p <= 1, of at least one value, the nearest rank.
double quantile(std::vector<double> values, double p);

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_TOOL_H
