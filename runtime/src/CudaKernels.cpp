// Kernels on a CUDA device: from PTX to machine code, and launches.

#include "runtime/src/CubinCache.h"
#include "runtime/src/CudaPtx.h"
#include "runtime/src/CudaState.h"
#include "runtime/src/Error.h"

#include <cstdlib>
#include <cstring>

using namespace oriel;

namespace {

constexpr int32_t mostArguments = 64;

class MutexScope {
public:
  explicit MutexScope(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~MutexScope() { pthread_mutex_unlock(&mutex); }
  MutexScope(const MutexScope &) = delete;
  MutexScope &operator=(const MutexScope &) = delete;

private:
  pthread_mutex_t &mutex;
};

uint64_t keyOf(const char *text) { return reinterpret_cast<uintptr_t>(text); }

oriel_status failHost(oriel_error *error) {
  return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory to keep track of a device's: free some");
}

oriel_status failCompile(const CudaModule &module, int32_t code, const char *log,
                         oriel_error *error) {
  return fail(error, ORIEL_DEVICE_FAILED,
              "the CUDA device '%s' does not compile the module's kernels (%s: %s): update its "
              "driver, or run on the device cpu",
              module.deviceName, nameCudaError(module.cu, code),
              log[0] != '\0' ? log : "see --dump-ir's kernels/*.ptx");
}

/// Machine code of `ptx`: made by the driver, loaded, and kept in the cache.
oriel_status compile(const CudaModule &module, const char *ptx, const CubinCache &cache,
                     void *&loaded, oriel_error *error) {
  const CudaLibrary &cu = module.cu;
  char log[256] = {};
  int32_t options[] = {cuda::jitErrorLog, cuda::jitErrorLogSize};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log - 1)};
  void *state = nullptr, *code = nullptr;
  size_t bytes = 0;
  int32_t result = cu.cuLinkCreate(2, options, values, &state);
  if (result != cuda::success) {
    return failCompile(module, result, log, error);
  }
  result = cu.cuLinkAddData(state, cuda::jitInputPtx, const_cast<char *>(ptx), strlen(ptx) + 1,
                            "kernels.ptx", 0, nullptr, nullptr);
  if (result == cuda::success) {
    result = cu.cuLinkComplete(state, &code, &bytes);
  }
  if (result == cuda::success) {
    result = cu.cuModuleLoadData(&loaded, code);
  }
  if (result == cuda::success) {
    cache.write(code, bytes);
  }
  // The code is the linker's.
  cu.cuLinkDestroy(state);
  return result == cuda::success ? ORIEL_OK : failCompile(module, result, log, error);
}

/// Loads `ptx`, from the cache where it has its code.
oriel_status load(const CudaModule &module, const char *ptx, void *&loaded, oriel_error *error) {
  CubinCache cache(ptx, module.driverVersion, module.deviceName, module.capability);
  void *code = cache.read();
  int32_t result = code != nullptr ? module.cu.cuModuleLoadData(&loaded, code) : -1;
  free(code);
  return result == cuda::success ? ORIEL_OK : compile(module, ptx, cache, loaded, error);
}

oriel_status makeKernel(CudaModule &module, const oriel_kernel_launch &launch, CudaKernel &kernel,
                        oriel_error *error) {
  int32_t required = requiredCapability(launch.source);
  if (module.capability < required) {
    return fail(error, ORIEL_DEVICE_FAILED,
                "the CUDA device '%s' has compute capability %d.%d and the module needs %d.%d: use "
                "a newer device, or run on the device cpu",
                module.deviceName, module.capability / 10, module.capability % 10, required / 10,
                required % 10);
  }
  char *ptx = isolatePtxEntry(launch.source, launch.entry, launch.threads);
  if (ptx == nullptr) {
    return fail(error, ORIEL_DEVICE_FAILED,
                "the kernels for the CUDA device '%s' have no entry %s: report this as a bug of "
                "oriel-compile",
                module.deviceName, launch.entry);
  }
  oriel_status status = load(module, ptx, kernel.module, error);
  free(ptx);
  if (status != ORIEL_OK) {
    return status;
  }
  int32_t code = module.cu.cuModuleGetFunction(&kernel.function, kernel.module, launch.entry);
  if (code != cuda::success) {
    module.cu.cuModuleUnload(kernel.module);
    return failCudaCall(module, "cuModuleGetFunction", code, error);
  }
  return ORIEL_OK;
}

/// Makes the kernel for `launch` and puts it behind `first`, or into the table where that is
/// nullptr.
oriel_status addKernel(CudaModule &module, const oriel_kernel_launch &launch, CudaKernel *first,
                       CudaKernel *&kernel, oriel_error *error) {
  kernel = static_cast<CudaKernel *>(calloc(1, sizeof(CudaKernel)));
  if (kernel == nullptr) {
    return failHost(error);
  }
  memcpy(kernel->threads, launch.threads, sizeof kernel->threads);
  oriel_status status = makeKernel(module, launch, *kernel, error);
  if (status != ORIEL_OK) {
    free(kernel);
    return status;
  }
  if (first != nullptr) {
    kernel->next = first->next;
    first->next = kernel;
  } else if (!module.kernels.insert(keyOf(launch.source), keyOf(launch.entry), kernel)) {
    module.cu.cuModuleUnload(kernel->module);
    free(kernel);
    return failHost(error);
  }
  return ORIEL_OK;
}

oriel_status findKernel(CudaModule &module, const oriel_kernel_launch &launch, void *&function,
                        oriel_error *error) {
  MutexScope scope(module.mutex);
  auto *first =
      static_cast<CudaKernel *>(module.kernels.find(keyOf(launch.source), keyOf(launch.entry)));
  CudaKernel *kernel = first;
  while (kernel != nullptr && memcmp(kernel->threads, launch.threads, sizeof launch.threads) != 0) {
    kernel = kernel->next;
  }
  if (kernel == nullptr) {
    oriel_status status = addKernel(module, launch, first, kernel, error);
    if (status != ORIEL_OK) {
      return status;
    }
  }
  function = kernel->function;
  return ORIEL_OK;
}

} // namespace

void oriel::unloadCudaKernels(CudaModule &module) {
  module.kernels.forEach([&](void *value) {
    for (auto *kernel = static_cast<CudaKernel *>(value); kernel != nullptr;) {
      CudaKernel *next = kernel->next;
      module.cu.cuModuleUnload(kernel->module);
      free(kernel);
      kernel = next;
    }
  });
}

oriel_status oriel::launchOnCuda(DeviceQueue *handle, const oriel_kernel_launch &launch,
                                 oriel_error *error) {
  CudaQueue &queue = *unwrap(handle);
  CudaModule &module = *queue.module;
  void *values[mostArguments];
  uint64_t addresses[mostArguments];
  if (launch.argument_count > mostArguments) {
    return fail(error, ORIEL_DEVICE_FAILED,
                "a kernel has %d arguments: report this as a bug of oriel-compile",
                launch.argument_count);
  }
  for (int32_t i = 0; i < launch.argument_count; ++i) {
    const oriel_kernel_argument &argument = launch.arguments[i];
    values[i] = const_cast<void *>(argument.data);
    if (argument.is_buffer != 0) {
      addresses[i] = reinterpret_cast<uintptr_t>(argument.data);
      values[i] = &addresses[i];
      if (!isMemoryOf(queue, addresses[i], argument.size)) {
        return fail(error, ORIEL_DEVICE_FAILED,
                    "a kernel's argument lies in no memory of its device: report this as a bug of "
                    "oriel-compile");
      }
    }
  }
  CurrentCudaContext current(module);
  void *function = nullptr;
  oriel_status status = findKernel(module, launch, function, error);
  if (status != ORIEL_OK) {
    return status;
  }
  auto size = [](int32_t value) { return uint32_t(value); };
  int32_t code = module.cu.cuLaunchKernel(
      function, size(launch.blocks[0]), size(launch.blocks[1]), size(launch.blocks[2]),
      size(launch.threads[0]), size(launch.threads[1]), size(launch.threads[2]),
      size(launch.shared_bytes), queue.isRecording ? queue.ownStream : queue.stream, values,
      nullptr);
  return code == cuda::success ? ORIEL_OK : failCudaCall(module, "cuLaunchKernel", code, error);
}
