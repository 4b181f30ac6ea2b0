//===- TimedModule.h - A module that is run again and again ---------------===//
#ifndef ORIEL_TOOLS_SUPPORT_TIMEDMODULE_H
#define ORIEL_TOOLS_SUPPORT_TIMEDMODULE_H

#include "tools/support/Tool.h"

namespace oriel {

/// Keeps the calling thread on the first processor it may use; a pool made before has the next
/// ones.
void pinCaller();

/// A loaded module with a context, a seeded input and a place for the output.
class TimedModule {
public:
  /// `pool` must outlive this; `threads` as oriel_context_options has it. `variant` names the
  /// target of the variant to run, "" leaves the choice to the runtime; `batch` 0 stands for the
  /// module's, `slice` 0 for the runtime's choice. Throws what loadModule and createContext throw.
  TimedModule(const std::string &path, const std::string &variant, oriel_pool *pool, int threads,
              int batch, int slice = 0, bool isProfiled = false);

  /// One run; returns its milliseconds.
  double run();
  /// When what happened in the last run, of a profiled module.
  const oriel_profile &profile() const { return *oriel_context_profile(context.get()); }
  /// `repeats` runs of one launch, after a run of all; returns their milliseconds.
  double runLaunch(int32_t launch, int32_t repeats);
  /// Runs for `seconds`, three times at least.
  void warmUp(double seconds);

  std::string model() const;
  std::string target() const;
  const oriel_variant &variant() const { return *oriel_context_variant(context.get()); }
  int32_t batch() const { return oriel_context_batch(context.get()); }
  /// Items that launches compute at once.
  int32_t slice() const { return oriel_context_slice(context.get()); }
  int32_t threads() const { return oriel_context_threads(context.get()); }

private:
  ModuleHandle module;
  ContextHandle context;
  std::vector<std::byte> input;
  std::vector<float> output;
};

} // namespace oriel

#endif // ORIEL_TOOLS_SUPPORT_TIMEDMODULE_H
