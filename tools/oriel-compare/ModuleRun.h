//===- ModuleRun.h - Runs a module and reads what each launch stores ------===//
#ifndef ORIEL_TOOLS_ORIEL_COMPARE_MODULERUN_H
#define ORIEL_TOOLS_ORIEL_COMPARE_MODULERUN_H

#include "compiler/Reference/Tensor.h"
#include "tools/support/Tool.h"

#include <exception>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace oriel {

/// A variant of a module, ready to run.
class ModuleRun {
public:
  /// What a launch (its position in the launch table) has stored, in order.
  using Listener = std::function<void(int32_t launch, std::vector<Tensor> stored)>;

  /// Loads the module's variant for `target` for runs of `batch` items; 0 threads: all. Throws
  /// ToolError where the machine cannot run it.
  ModuleRun(const std::string &path, const std::string &target, int64_t batch, int threads);

  /// Runs once; `listen` hears of each launch as soon as it has ended. Tensors of pixels hold whole
  /// numbers. Passes on what `listen` throws, and hears no more of it then.
  void run(std::span<const Tensor> inputs, const Listener &listen);

private:
  static void onLaunchEnd(void *run, int32_t launch);
  std::vector<Tensor> readStores(int32_t launch);

  ModuleHandle module;
  ContextHandle context;
  const Listener *listener = nullptr;
  std::exception_ptr failure;
};

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_COMPARE_MODULERUN_H
