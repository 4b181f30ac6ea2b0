#include "runtime/src/CudaLibrary.h"

#include "runtime/src/Error.h"

#include <dlfcn.h>

using namespace oriel;

static constexpr char libraryName[] = "libcuda.so.1";

oriel_status oriel::openCudaLibrary(CudaLibrary &library, oriel_error *error) {
  // Never closed: drivers leave threads and destructors behind.
  void *handle = dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail(error, ORIEL_NO_DEVICE,
                "no CUDA on this machine (%s): install NVIDIA's driver, or run on the device cpu",
                dlerror());
  }
  const char *missing = nullptr;
#define ORIEL_FIND_FUNCTION(name, symbol, parameters)                                              \
  library.name = reinterpret_cast<int32_t(*) parameters>(dlsym(handle, symbol));                   \
  if (library.name == nullptr) {                                                                   \
    missing = symbol;                                                                              \
  }
  ORIEL_CUDA_FUNCTIONS(ORIEL_FIND_FUNCTION)
#undef ORIEL_FIND_FUNCTION
  if (missing != nullptr) {
    return fail(error, ORIEL_NO_DEVICE,
                "%s lacks %s: install a driver for CUDA 11.4 or later, or run on the device cpu",
                libraryName, missing);
  }
  int32_t code = library.cuInit(0);
  if (code != cuda::success) {
    return fail(error, ORIEL_NO_DEVICE,
                "CUDA has no device on this machine (%s from cuInit): check nvidia-smi, or run on "
                "the device cpu",
                nameCudaError(library, code));
  }
  return ORIEL_OK;
}

const char *oriel::nameCudaError(const CudaLibrary &library, int32_t code) {
  const char *name = nullptr;
  bool isKnown = library.cuGetErrorName(code, &name) == cuda::success && name != nullptr;
  return isKnown ? name : "an unknown error";
}
