// A loaded module: immutable, shared by contexts and threads.

#ifndef ORIEL_RUNTIME_SRC_MODULE_H
#define ORIEL_RUNTIME_SRC_MODULE_H

#include "oriel/runtime.h"

#include <atomic>

struct oriel_module {
  std::atomic<int32_t> references{1};
  // The file stays open as long as it is loaded, see openCode in Module.cpp.
  int fd = -1;
  void *library = nullptr;
  const oriel_module_descriptor *descriptor = nullptr;
  // The parameter block, mapped read-only; nullptr where there is none.
  const void *parameters = nullptr;
  uint64_t hiddenFeatures = 0;
  // Target of the only variant to use; empty for all.
  char target[sizeof(oriel_note_variant::target)] = {};
  bool isForInspection = false;
};

namespace oriel {

void retainModule(oriel_module &module);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_MODULE_H
