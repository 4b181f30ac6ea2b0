// What a context has on a device other than the processor.

#ifndef ORIEL_RUNTIME_SRC_DEVICERUN_H
#define ORIEL_RUNTIME_SRC_DEVICERUN_H

#include "runtime/src/Device.h"

namespace oriel {

/// Queue, arena, and a place for each input and output.
class DeviceRun {
public:
  /// Makes the queue and all memory for runs of `variant` at `batch`. `stream`, where not null, is
  /// the caller's, and with `isDeviceMemory` inputs and outputs are addresses of the device.
  oriel_status create(oriel_module &owner, const oriel_variant &variant, int32_t batch,
                      void *stream, bool isDeviceMemory, oriel_error *error);
  ~DeviceRun();

  DeviceRun() = default;
  DeviceRun(const DeviceRun &) = delete;
  DeviceRun &operator=(const DeviceRun &) = delete;

  /// Puts the device's addresses into a call, which is not to outlive this.
  void describe(oriel_call &call) const;

  /// Puts the copies on the queue, of memory that stays as it is until `synchronize` returns.
  oriel_status upload(const void *const *inputs, oriel_error *error);
  oriel_status download(void *const *outputs, oriel_error *error);
  /// Waits for what is on the queue and copies `bytes` bytes from the device's `address`.
  oriel_status read(const void *address, void *to, uint64_t bytes, oriel_error *error);
  oriel_status launch(const oriel_kernel_launch &kernel, oriel_error *error) {
    return api->launch(queue, kernel, error);
  }
  oriel_status synchronize(oriel_error *error) { return api->synchronize(queue, error); }
  /// Whether a run ends with its work on the caller's stream, not done.
  bool isAsynchronous() const { return hasCallersStream && isDeviceMemory; }
  bool isOfDeviceMemory() const { return isDeviceMemory; }

  /// Whether launches can be kept for `replay`, and have been.
  bool canRecord() const { return api->beginRecording != nullptr; }
  bool isRecorded() const { return hasRecord; }
  oriel_status beginRecording(oriel_error *error) { return api->beginRecording(queue, error); }
  oriel_status endRecording(oriel_error *error) {
    oriel_status status = api->endRecording(queue, error);
    hasRecord = status == ORIEL_OK;
    return status;
  }
  oriel_status replay(oriel_error *error) { return api->replay(queue, error); }

  /// Bytes of the device's memory that are this context's own.
  uint64_t bytes() const { return totalBytes; }

private:
  struct Place {
    void *address;
    uint64_t bytes;
  };

  oriel_status allocate(uint64_t bytes, void **address, oriel_error *error);
  oriel_status makePlaces(const oriel_tensor_info *tensors, int32_t count, int32_t batch,
                          Place *ofTensors, void **ofCall, oriel_error *error);

  const DeviceApi *api = nullptr;
  DeviceModule *module = nullptr;
  DeviceQueue *queue = nullptr;
  void *arena = nullptr;
  int32_t inputCount = 0, outputCount = 0;
  // Inputs, then outputs.
  Place *places = nullptr;
  void **addresses = nullptr;
  uint64_t totalBytes = 0;
  bool hasCallersStream = false, isDeviceMemory = false, hasRecord = false;
};

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_DEVICERUN_H
