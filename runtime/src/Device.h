// What a kind of device gives the runtime. A module's variant names its device; a context keeps its
// workspace on it and runs on it.

#ifndef ORIEL_RUNTIME_SRC_DEVICE_H
#define ORIEL_RUNTIME_SRC_DEVICE_H

#include "oriel/runtime.h"

namespace oriel {

/// What a module keeps on a device for all of its contexts: programs and parameters. Used by
/// several threads at once.
struct DeviceModule;

/// A queue of work on a device, and memory for it: what is put on the queue happens in this order.
/// Used by one thread at a time.
struct DeviceQueue;

/// A device other than the processor. Addresses are numbers of the device: `address + n` is n bytes
/// behind `address`, within what one call allocated.
///
/// Whatever fails leaves one line that names the device and the way out; a queue on which something
/// failed is good for nothing but to be destroyed.
struct DeviceApi {
  /// Opens the driver and the device, and takes note of `bytes` bytes of parameters, which stay
  /// where they are until the module is destroyed.
  oriel_status (*createModule)(const void *parameters, uint64_t bytes, DeviceModule **out,
                               oriel_error *error);
  /// After all of its queues.
  void (*destroyModule)(DeviceModule *module);
  /// The device's address of the parameters.
  const void *(*parameters)(const DeviceModule *module);

  /// Work goes on `stream`, a stream of the device's own kind that outlives the queue; nullptr: on
  /// one of the queue's own.
  oriel_status (*createQueue)(DeviceModule *module, void *stream, DeviceQueue **out,
                              oriel_error *error);
  /// Waits for what is on the queue, then frees all of its memory.
  void (*destroyQueue)(DeviceQueue *queue);
  /// Zeroed memory of `bytes` bytes, at least 1, that lives as long as the queue, at a multiple of
  /// 512 bytes.
  oriel_status (*allocate)(DeviceQueue *queue, uint64_t bytes, void **address, oriel_error *error);
  /// Copies from or to memory of the program, which stays as it is until `synchronize` returns.
  oriel_status (*upload)(DeviceQueue *queue, void *address, const void *from, uint64_t bytes,
                         oriel_error *error);
  oriel_status (*download)(DeviceQueue *queue, const void *address, void *to, uint64_t bytes,
                           oriel_error *error);
  oriel_status (*launch)(DeviceQueue *queue, const oriel_kernel_launch &launch, oriel_error *error);
  /// Waits for what is on the queue.
  oriel_status (*synchronize)(DeviceQueue *queue, oriel_error *error);

  // A device may lack the rest.

  /// Fails where kernels cannot load and store elements of `type`, an ORIEL_ELEMENT_*; a device
  /// without this can.
  oriel_status (*checkStorage)(const DeviceModule *module, int32_t type, oriel_error *error);
  /// Copies within the device's memory; one of the two may be the caller's own.
  oriel_status (*copyOnDevice)(DeviceQueue *queue, void *to, const void *from, uint64_t bytes,
                               oriel_error *error);
  /// Launches between the two are kept, not run, for `replay` to put on the queue all at once. What
  /// they launch must have been launched before.
  oriel_status (*beginRecording)(DeviceQueue *queue, oriel_error *error);
  oriel_status (*endRecording)(DeviceQueue *queue, oriel_error *error);
  oriel_status (*replay)(DeviceQueue *queue, oriel_error *error);
};

struct Device {
  /// As in oriel_variant::device.
  const char *name;
  /// The ORIEL_ISA_* bits that variants may need.
  uint64_t (*features)();
  /// Gives the device's functions; nullptr: the processor.
  const DeviceApi *(*api)();
};

/// The device called `name`, or nullptr. That it is known does not mean that it is there.
const Device *findDevice(const char *name);

/// Zeroed memory of at least `bytes` bytes for the processor, aligned to a page; nullptr if there
/// is none.
void *allocateOnCpu(uint64_t bytes);
void releaseOnCpu(void *memory, uint64_t bytes);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_DEVICE_H
