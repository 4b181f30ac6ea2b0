// A loaded module: immutable, shared by contexts and threads.

#ifndef ORIEL_RUNTIME_SRC_MODULE_H
#define ORIEL_RUNTIME_SRC_MODULE_H

#include "runtime/src/Device.h"

#include <atomic>
#include <pthread.h>

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
  // The module on the device that a context asked for first, made then; nullptr before. Held for
  // the two: deviceMutex.
  const oriel::DeviceApi *deviceApi = nullptr;
  oriel::DeviceModule *onDevice = nullptr;
  pthread_mutex_t deviceMutex = PTHREAD_MUTEX_INITIALIZER;
};

namespace oriel {

void retainModule(oriel_module &module);

/// The first variant for `device` (nullptr: for any, of which the processor's come first) that this
/// processor and `batch` (0: the module's) allow; nullptr if there is none.
const oriel_variant *findVariant(const oriel_module &module, const char *device, int32_t batch);

/// The module on `device`, not the processor, which it stays on until it is released.
oriel_status openOnDevice(oriel_module &module, const Device &device, DeviceModule **out,
                          oriel_error *error);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_MODULE_H
