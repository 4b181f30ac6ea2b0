// What the parts of the CUDA device share.

#ifndef ORIEL_RUNTIME_SRC_CUDASTATE_H
#define ORIEL_RUNTIME_SRC_CUDASTATE_H

#include "runtime/src/CudaLibrary.h"
#include "runtime/src/Device.h"
#include "runtime/src/PointerTable.h"

#include <pthread.h>

namespace oriel {

struct CudaModule {
  CudaLibrary cu = {};
  int32_t device = 0;
  /// The device's primary context, which PyTorch and programs of the CUDA runtime use, too.
  void *context = nullptr;
  int32_t driverVersion = 0;
  /// 10 * major + minor.
  int32_t capability = 0;
  char deviceName[96] = {};
  uint64_t parameters = 0, parameterBytes = 0;
  // Held for the table: CudaKernels by the addresses of source and entry.
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  PointerTable kernels;
};

/// One entry of a source, compiled for blocks of one size.
struct CudaKernel {
  /// The same for blocks of another size.
  CudaKernel *next;
  int32_t threads[3];
  void *module;
  void *function;
};

struct CudaBlock {
  CudaBlock *next;
  uint64_t address, bytes;
};

struct CudaQueue {
  CudaModule *module = nullptr;
  /// The queue's own stream, on which launches are recorded, and that on which work is put.
  void *ownStream = nullptr, *stream = nullptr;
  bool isRecording = false;
  /// What was recorded.
  void *graph = nullptr;
  CudaBlock *blocks = nullptr;
};

inline CudaModule *unwrap(DeviceModule *module) { return reinterpret_cast<CudaModule *>(module); }
inline CudaQueue *unwrap(DeviceQueue *queue) { return reinterpret_cast<CudaQueue *>(queue); }

/// Makes a module's context the thread's for its scope.
class CurrentCudaContext {
public:
  explicit CurrentCudaContext(const CudaModule &module)
      : cu(module.cu), code(cu.cuCtxPushCurrent(module.context)) {}
  ~CurrentCudaContext() {
    if (code == cuda::success) {
      void *ignored = nullptr;
      cu.cuCtxPopCurrent(&ignored);
    }
  }
  CurrentCudaContext(const CurrentCudaContext &) = delete;
  CurrentCudaContext &operator=(const CurrentCudaContext &) = delete;

  int32_t status() const { return code; }

private:
  const CudaLibrary &cu;
  int32_t code;
};

/// The error of a call that gave `code`.
oriel_status failCudaCall(const CudaModule &module, const char *call, int32_t code,
                          oriel_error *error);

/// Whether `bytes` bytes from `address` on are memory of the queue or its module's parameters.
bool isMemoryOf(const CudaQueue &queue, uint64_t address, uint64_t bytes);

/// DeviceApi::launch.
oriel_status launchOnCuda(DeviceQueue *handle, const oriel_kernel_launch &launch,
                          oriel_error *error);
/// Unloads what launches have loaded.
void unloadCudaKernels(CudaModule &module);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_CUDASTATE_H
