#include "runtime/src/OpenClLibrary.h"

#include "runtime/src/Error.h"

#include <cstdio>
#include <dlfcn.h>

using namespace oriel;

static constexpr char libraryName[] = "libOpenCL.so.1";

oriel_status oriel::loadOpenClLibrary(OpenClLibrary &library, oriel_error *error) {
  // Never closed: drivers leave threads and destructors behind.
  void *handle = dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail(error, ORIEL_NO_DEVICE,
                "no OpenCL on this machine (%s): install an OpenCL driver with its loader "
                "(ocl-icd-libopencl1), or run on the device cpu",
                dlerror());
  }
  const char *missing = nullptr;
#define ORIEL_FIND_FUNCTION(name, result, parameters)                                              \
  library.name = reinterpret_cast<result(*) parameters>(dlsym(handle, #name));                     \
  if (library.name == nullptr) {                                                                   \
    missing = #name;                                                                               \
  }
  ORIEL_OPENCL_FUNCTIONS(ORIEL_FIND_FUNCTION)
#undef ORIEL_FIND_FUNCTION
  if (missing != nullptr) {
    return fail(error, ORIEL_NO_DEVICE,
                "%s lacks %s: install a loader of OpenCL 1.2 or later, or run on the device cpu",
                libraryName, missing);
  }
  return ORIEL_OK;
}

const char *oriel::nameOpenClError(int32_t code, char (&number)[32]) {
  switch (code) {
  case -2:
    return "CL_DEVICE_NOT_AVAILABLE";
  case -3:
    return "CL_COMPILER_NOT_AVAILABLE";
  case -4:
    return "CL_MEM_OBJECT_ALLOCATION_FAILURE";
  case -5:
    return "CL_OUT_OF_RESOURCES";
  case -6:
    return "CL_OUT_OF_HOST_MEMORY";
  case -11:
    return "CL_BUILD_PROGRAM_FAILURE";
  case -36:
    return "CL_INVALID_COMMAND_QUEUE";
  case -54:
    return "CL_INVALID_WORK_GROUP_SIZE";
  case -61:
    return "CL_INVALID_BUFFER_SIZE";
  default:
    snprintf(number, sizeof number, "OpenCL error %d", code);
    return number;
  }
}
