// The functions of OpenCL 1.2 that the runtime calls, from the system's libOpenCL.so.1 at run time:
// the build needs neither the library nor its headers. Types and numbers are those of
// KhronosGroup/OpenCL-Headers:CL/cl.h; objects are opaque pointers.

#ifndef ORIEL_RUNTIME_SRC_OPENCLLIBRARY_H
#define ORIEL_RUNTIME_SRC_OPENCLLIBRARY_H

#include "oriel/runtime.h"

#include <cstddef>

namespace oriel {

// X(name, result type, parameter types)
#define ORIEL_OPENCL_FUNCTIONS(X)                                                                  \
  X(clGetPlatformIDs, int32_t, (uint32_t, void **, uint32_t *))                                    \
  X(clGetDeviceIDs, int32_t, (void *, uint64_t, uint32_t, void **, uint32_t *))                    \
  X(clGetDeviceInfo, int32_t, (void *, uint32_t, size_t, void *, size_t *))                        \
  X(clCreateContext, void *,                                                                       \
    (const intptr_t *, uint32_t, void *const *,                                                    \
     void (*)(const char *, const void *, size_t, void *), void *, int32_t *))                     \
  X(clReleaseContext, int32_t, (void *))                                                           \
  X(clCreateCommandQueue, void *, (void *, void *, uint64_t, int32_t *))                           \
  X(clReleaseCommandQueue, int32_t, (void *))                                                      \
  X(clCreateBuffer, void *, (void *, uint64_t, size_t, void *, int32_t *))                         \
  X(clCreateSubBuffer, void *, (void *, uint64_t, uint32_t, const void *, int32_t *))              \
  X(clReleaseMemObject, int32_t, (void *))                                                         \
  X(clCreateProgramWithSource, void *,                                                             \
    (void *, uint32_t, const char **, const size_t *, int32_t *))                                  \
  X(clBuildProgram, int32_t,                                                                       \
    (void *, uint32_t, void *const *, const char *, void (*)(void *, void *), void *))             \
  X(clGetProgramBuildInfo, int32_t, (void *, void *, uint32_t, size_t, void *, size_t *))          \
  X(clReleaseProgram, int32_t, (void *))                                                           \
  X(clCreateKernel, void *, (void *, const char *, int32_t *))                                     \
  X(clReleaseKernel, int32_t, (void *))                                                            \
  X(clSetKernelArg, int32_t, (void *, uint32_t, size_t, const void *))                             \
  X(clEnqueueNDRangeKernel, int32_t,                                                               \
    (void *, void *, uint32_t, const size_t *, const size_t *, const size_t *, uint32_t,           \
     void *const *, void **))                                                                      \
  X(clEnqueueFillBuffer, int32_t,                                                                  \
    (void *, void *, const void *, size_t, size_t, size_t, uint32_t, void *const *, void **))      \
  X(clEnqueueWriteBuffer, int32_t,                                                                 \
    (void *, void *, uint32_t, size_t, size_t, const void *, uint32_t, void *const *, void **))    \
  X(clEnqueueReadBuffer, int32_t,                                                                  \
    (void *, void *, uint32_t, size_t, size_t, void *, uint32_t, void *const *, void **))          \
  X(clFinish, int32_t, (void *))

struct OpenClLibrary {
#define ORIEL_DECLARE_FUNCTION(name, result, parameters) result(*name) parameters;
  ORIEL_OPENCL_FUNCTIONS(ORIEL_DECLARE_FUNCTION)
#undef ORIEL_DECLARE_FUNCTION
};

/// Fills in the system library's functions, or fails with ORIEL_NO_DEVICE. It stays loaded.
oriel_status loadOpenClLibrary(OpenClLibrary &library, oriel_error *error);

/// The functions that devices call: those of loadOpenClLibrary. In a file of its own, in whose
/// place a test can put another.
oriel_status openOpenClLibrary(OpenClLibrary &library, oriel_error *error);

/// "CL_OUT_OF_RESOURCES" and the like, or the number.
const char *nameOpenClError(int32_t code, char (&number)[32]);

namespace opencl {
constexpr int32_t success = 0;
constexpr uint64_t deviceTypeCpu = 1 << 1, deviceTypeAll = 0xffffffff;
constexpr uint32_t deviceType = 0x1000, deviceMaxAllocation = 0x1010, deviceAddressAlign = 0x1019,
                   deviceMemory = 0x101f, deviceName = 0x102b, deviceExtensions = 0x1030,
                   programBuildLog = 0x1183;
constexpr uint64_t memoryReadWrite = 1 << 0, memoryReadOnly = 1 << 2, memoryCopyHost = 1 << 5;
constexpr uint32_t bufferRegion = 0x1220;
/// cl_buffer_region.
struct BufferRegion {
  size_t origin, size;
};
} // namespace opencl

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_OPENCLLIBRARY_H
