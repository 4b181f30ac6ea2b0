//===- FaultyOpenCl.cpp - OpenCL as it is, counted, and failing when told -===//
//
// Stands in for runtime/src/OpenClDriver.cpp in a program with a copy of the runtime: opens the
// machine's library and puts functions of its own before some of it.
//
//===----------------------------------------------------------------------===//

#include "tests/e2e/FaultyOpenCl.h"

#include "runtime/src/OpenClLibrary.h"

#include <cstring>
#include <mutex>
#include <utility>

using namespace oriel;
using namespace oriel::test;

namespace {

struct State {
  std::mutex mutex;
  OpenClLibrary real = {};
  OpenClCalls calls;
  std::string failing, hidden;
  int countdown = 0, code = 0;

  /// The code that a call to `function` is to fail with, or 0.
  int fault(const char *function) {
    std::lock_guard<std::mutex> lock(mutex);
    if (failing != function) {
      return 0;
    }
    countdown = countdown > 0 ? countdown - 1 : 0;
    return countdown == 0 ? code : 0;
  }
  void count(int OpenClCalls::*what) {
    std::lock_guard<std::mutex> lock(mutex);
    calls.*what += 1;
  }
};

State &state() {
  static State instance;
  return instance;
}

/// Covers the hidden extension in a list of them.
void hideExtension(char *list) {
  std::lock_guard<std::mutex> lock(state().mutex);
  char *place = state().hidden.empty() ? nullptr : strstr(list, state().hidden.c_str());
  if (place != nullptr) {
    memset(place, '-', state().hidden.size());
  }
}

/// Puts `function`, which calls the real one, in its place.
void interpose(OpenClLibrary &library) {
  library.clGetPlatformIDs = [](uint32_t most, void **platforms, uint32_t *count) -> int32_t {
    int code = state().fault("clGetPlatformIDs");
    return code != 0 ? code : state().real.clGetPlatformIDs(most, platforms, count);
  };
  library.clGetDeviceInfo = [](void *device, uint32_t what, size_t room, void *value,
                               size_t *bytes) -> int32_t {
    int32_t code = state().real.clGetDeviceInfo(device, what, room, value, bytes);
    if (what == opencl::deviceExtensions && value != nullptr && room > 0) {
      hideExtension(static_cast<char *>(value));
    }
    return code;
  };
  library.clCreateBuffer = [](void *context, uint64_t flags, size_t bytes, void *host,
                              int32_t *code) -> void * {
    if (host != nullptr) {
      state().count(&OpenClCalls::parameters);
    }
    *code = state().fault("clCreateBuffer");
    return *code != 0 ? nullptr : state().real.clCreateBuffer(context, flags, bytes, host, code);
  };
  library.clBuildProgram = [](void *program, uint32_t count, void *const *devices,
                              const char *options, void (*notify)(void *, void *),
                              void *data) -> int32_t {
    state().count(&OpenClCalls::programs);
    int code = state().fault("clBuildProgram");
    return code != 0 ? code
                     : state().real.clBuildProgram(program, count, devices, options, notify, data);
  };
  library.clEnqueueNDRangeKernel =
      [](void *queue, void *kernel, uint32_t rank, const size_t *offset, const size_t *global,
         const size_t *local, uint32_t waits, void *const *events, void **event) -> int32_t {
    state().count(&OpenClCalls::launches);
    int code = state().fault("clEnqueueNDRangeKernel");
    return code != 0 ? code
                     : state().real.clEnqueueNDRangeKernel(queue, kernel, rank, offset, global,
                                                           local, waits, events, event);
  };
  library.clEnqueueWriteBuffer = [](void *queue, void *buffer, uint32_t blocking, size_t offset,
                                    size_t bytes, const void *from, uint32_t waits,
                                    void *const *events, void **event) -> int32_t {
    state().count(&OpenClCalls::writes);
    return state().real.clEnqueueWriteBuffer(queue, buffer, blocking, offset, bytes, from, waits,
                                             events, event);
  };
  library.clEnqueueReadBuffer = [](void *queue, void *buffer, uint32_t blocking, size_t offset,
                                   size_t bytes, void *to, uint32_t waits, void *const *events,
                                   void **event) -> int32_t {
    state().count(&OpenClCalls::reads);
    return state().real.clEnqueueReadBuffer(queue, buffer, blocking, offset, bytes, to, waits,
                                            events, event);
  };
  library.clFinish = [](void *queue) -> int32_t {
    state().count(&OpenClCalls::waits);
    int code = state().fault("clFinish");
    return code != 0 ? code : state().real.clFinish(queue);
  };
}

} // namespace

oriel_status oriel::openOpenClLibrary(OpenClLibrary &library, oriel_error *error) {
  oriel_status status = loadOpenClLibrary(library, error);
  if (status == ORIEL_OK) {
    std::lock_guard<std::mutex> lock(state().mutex);
    state().real = library;
    interpose(library);
  }
  return status;
}

OpenClCalls oriel::test::takeOpenClCalls() {
  std::lock_guard<std::mutex> lock(state().mutex);
  return std::exchange(state().calls, OpenClCalls());
}

void oriel::test::failOpenCl(const std::string &function, int count, int code) {
  std::lock_guard<std::mutex> lock(state().mutex);
  state().failing = function;
  state().countdown = count;
  state().code = code;
}

void oriel::test::hideOpenClExtension(const std::string &name) {
  std::lock_guard<std::mutex> lock(state().mutex);
  state().hidden = name;
}
