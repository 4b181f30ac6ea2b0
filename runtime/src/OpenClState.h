// What the parts of the OpenCL device share.

#ifndef ORIEL_RUNTIME_SRC_OPENCLSTATE_H
#define ORIEL_RUNTIME_SRC_OPENCLSTATE_H

#include "runtime/src/Device.h"
#include "runtime/src/OpenClLibrary.h"
#include "runtime/src/PointerTable.h"

#include <pthread.h>

namespace oriel {

struct OpenClModule {
  OpenClLibrary cl = {};
  void *device = nullptr;
  void *context = nullptr;
  uint64_t alignment = 0, memoryBytes = 0, mostBytes = 0;
  char deviceName[96] = {};
  const uint8_t *parameters = nullptr;
  uint64_t parameterBytes = 0;
  // Held for the tables: programs by the address of their source, buffers of parameters by address
  // and size.
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  PointerTable programs, constants;
};

/// A buffer, at a reserved range of addresses.
struct OpenClBlock {
  OpenClBlock *next;
  uint8_t *address;
  uint64_t bytes;
  void *buffer;
};

struct OpenClQueue {
  OpenClModule *module = nullptr;
  void *queue = nullptr;
  OpenClBlock *blocks = nullptr;
  // Kernels by the addresses of source and name, parts of buffers by address and size.
  PointerTable kernels, parts;
};

inline OpenClQueue *unwrap(DeviceQueue *queue) { return reinterpret_cast<OpenClQueue *>(queue); }

/// The number of an address.
inline uint64_t keyOf(const void *address) { return reinterpret_cast<uintptr_t>(address); }

/// The error of a call that gave `code`.
oriel_status failOpenClCall(const OpenClModule &module, const char *call, int32_t code,
                            oriel_error *error);
/// The error of the program's own memory.
oriel_status failOpenClHost(oriel_error *error);
/// The error of an address that is none of the device's.
oriel_status failOpenClAddress(oriel_error *error);

/// The block that holds `bytes` bytes from `address` on; their place in it goes to `offset`.
const OpenClBlock *findBlock(const OpenClQueue &queue, const void *address, uint64_t bytes,
                             uint64_t &offset);

/// DeviceApi::launch.
oriel_status launchOnOpenCl(DeviceQueue *handle, const oriel_kernel_launch &launch,
                            oriel_error *error);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_OPENCLSTATE_H
