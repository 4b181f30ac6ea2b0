// The functions of the CUDA driver API that the runtime calls, from the driver's libcuda.so.1 at
// run time: the build needs neither the library nor its headers. Types and numbers are those of
// NVIDIA's cuda.h, CUDA 12; objects are opaque pointers, addresses of the device uint64_t.

#ifndef ORIEL_RUNTIME_SRC_CUDALIBRARY_H
#define ORIEL_RUNTIME_SRC_CUDALIBRARY_H

#include "oriel/runtime.h"

#include <cstddef>

namespace oriel {

// X(name, symbol in the library, parameter types). All return a CUresult.
#define ORIEL_CUDA_FUNCTIONS(X)                                                                    \
  X(cuInit, "cuInit", (uint32_t))                                                                  \
  X(cuDriverGetVersion, "cuDriverGetVersion", (int32_t *))                                         \
  X(cuGetErrorName, "cuGetErrorName", (int32_t, const char **))                                    \
  X(cuDeviceGetCount, "cuDeviceGetCount", (int32_t *))                                             \
  X(cuDeviceGet, "cuDeviceGet", (int32_t *, int32_t))                                              \
  X(cuDeviceGetName, "cuDeviceGetName", (char *, int32_t, int32_t))                                \
  X(cuDeviceGetAttribute, "cuDeviceGetAttribute", (int32_t *, int32_t, int32_t))                   \
  X(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain", (void **, int32_t))                      \
  X(cuDevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", (int32_t))                          \
  X(cuCtxPushCurrent, "cuCtxPushCurrent_v2", (void *))                                             \
  X(cuCtxPopCurrent, "cuCtxPopCurrent_v2", (void **))                                              \
  X(cuMemAlloc, "cuMemAlloc_v2", (uint64_t *, size_t))                                             \
  X(cuMemFree, "cuMemFree_v2", (uint64_t))                                                         \
  X(cuMemsetD8Async, "cuMemsetD8Async", (uint64_t, uint8_t, size_t, void *))                       \
  X(cuMemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2", (uint64_t, const void *, size_t, void *))           \
  X(cuMemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2", (void *, uint64_t, size_t, void *))                 \
  X(cuMemcpyDtoDAsync, "cuMemcpyDtoDAsync_v2", (uint64_t, uint64_t, size_t, void *))               \
  X(cuStreamCreate, "cuStreamCreate", (void **, uint32_t))                                         \
  X(cuStreamDestroy, "cuStreamDestroy_v2", (void *))                                               \
  X(cuStreamSynchronize, "cuStreamSynchronize", (void *))                                          \
  X(cuStreamBeginCapture, "cuStreamBeginCapture_v2", (void *, int32_t))                            \
  X(cuStreamEndCapture, "cuStreamEndCapture", (void *, void **))                                   \
  X(cuGraphInstantiateWithFlags, "cuGraphInstantiateWithFlags", (void **, void *, uint64_t))       \
  X(cuGraphLaunch, "cuGraphLaunch", (void *, void *))                                              \
  X(cuGraphExecDestroy, "cuGraphExecDestroy", (void *))                                            \
  X(cuGraphDestroy, "cuGraphDestroy", (void *))                                                    \
  X(cuLinkCreate, "cuLinkCreate_v2", (uint32_t, int32_t *, void **, void **))                      \
  X(cuLinkAddData, "cuLinkAddData_v2",                                                             \
    (void *, int32_t, void *, size_t, const char *, uint32_t, int32_t *, void **))                 \
  X(cuLinkComplete, "cuLinkComplete", (void *, void **, size_t *))                                 \
  X(cuLinkDestroy, "cuLinkDestroy", (void *))                                                      \
  X(cuModuleLoadData, "cuModuleLoadData", (void **, const void *))                                 \
  X(cuModuleUnload, "cuModuleUnload", (void *))                                                    \
  X(cuModuleGetFunction, "cuModuleGetFunction", (void **, void *, const char *))                   \
  X(cuLaunchKernel, "cuLaunchKernel",                                                              \
    (void *, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, void *,         \
     void **, void **))

struct CudaLibrary {
#define ORIEL_DECLARE_FUNCTION(name, symbol, parameters) int32_t(*name) parameters;
  ORIEL_CUDA_FUNCTIONS(ORIEL_DECLARE_FUNCTION)
#undef ORIEL_DECLARE_FUNCTION
};

/// Fills in the driver's functions and initialises it, or fails with ORIEL_NO_DEVICE. It stays
/// loaded.
oriel_status openCudaLibrary(CudaLibrary &library, oriel_error *error);

/// "CUDA_ERROR_OUT_OF_MEMORY" and the like.
const char *nameCudaError(const CudaLibrary &library, int32_t code);

namespace cuda {
constexpr int32_t success = 0, outOfMemory = 2, noDevice = 100;
constexpr int32_t capabilityMajor = 75, capabilityMinor = 76;
constexpr uint32_t streamNonBlocking = 1;
constexpr int32_t captureThreadLocal = 1;
constexpr int32_t jitErrorLog = 5, jitErrorLogSize = 6, jitInputPtx = 1;
} // namespace cuda

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_CUDALIBRARY_H
