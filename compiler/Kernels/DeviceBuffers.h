//===- DeviceBuffers.h - The buffers of one kernel's run on a device ------===//
#ifndef ORIEL_COMPILER_KERNELS_DEVICEBUFFERS_H
#define ORIEL_COMPILER_KERNELS_DEVICEBUFFERS_H

#include "compiler/Kernels/KernelRunner.h"
#include "runtime/src/Device.h"

namespace oriel {

/// A queue on the device "opencl" with a copy of each buffer of a run. What fails leaves its text
/// in `error`.
class DeviceBuffers {
public:
  explicit DeviceBuffers(llvm::ArrayRef<KernelBuffer *> buffers);
  ~DeviceBuffers();
  DeviceBuffers(const DeviceBuffers &) = delete;
  DeviceBuffers &operator=(const DeviceBuffers &) = delete;

  /// The device's address of buffer `index`.
  void *addressOf(size_t index) const { return addresses[index]; }
  /// Lets a call launch its kernels on the queue.
  void describe(oriel_call &call);
  /// Copies all buffers back, once the kernels have ended.
  void load();

  std::string error;

private:
  static int32_t launch(void *buffers, const oriel_kernel_launch *launch);
  bool check(oriel_status status);

  llvm::SmallVector<KernelBuffer *> buffers;
  llvm::SmallVector<void *> addresses;
  const DeviceApi *api;
  DeviceModule *module = nullptr;
  DeviceQueue *queue = nullptr;
  oriel_error failure = {};
};

} // namespace oriel

#endif // ORIEL_COMPILER_KERNELS_DEVICEBUFFERS_H
