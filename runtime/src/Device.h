// What a kind of device gives the runtime. A module's variant names its device; a context keeps its
// workspace on it and runs on it.

#ifndef ORIEL_RUNTIME_SRC_DEVICE_H
#define ORIEL_RUNTIME_SRC_DEVICE_H

#include "oriel/runtime.h"

namespace oriel {

struct Device {
  /// As in oriel_variant::device.
  const char *name;
  /// The ORIEL_ISA_* bits that variants may need.
  uint64_t (*features)();
  /// Zeroed memory of at least `bytes` bytes, aligned to a page; nullptr if there is none.
  void *(*allocate)(uint64_t bytes);
  void (*release)(void *memory, uint64_t bytes);
};

/// The device called `name`, or nullptr.
const Device *findDevice(const char *name);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_DEVICE_H
