// A stand-in for NVIDIA's driver: a library called libcuda.so.1 with the functions that the runtime
// uses, on the processor's memory. It holds its callers to the rules (a current context, live
// handles, memory that was allocated, nothing forbidden while a stream is recorded), counts calls,
// and fails when told. It runs the two kernels of DeviceTest.cpp; of others it checks the launch
// and runs nothing.
//
// STAND_IN_CUDA=devices=0 or capability=75 in the environment makes it another machine from the
// start.

#ifndef ORIEL_TESTS_UNIT_RUNTIME_SRC_STANDINCUDA_H
#define ORIEL_TESTS_UNIT_RUNTIME_SRC_STANDINCUDA_H

#include <cstdint>

namespace oriel::test {

/// What a test asks of the stand-in and tells it.
struct StandInCuda {
  /// Forgets counts, failures, violations and texts; the machine is as at the start.
  void (*reset)();
  /// From the call after the next `skip` on, the function `name` (as in cuda.h) gives `code`; 0
  /// ends it.
  void (*fail)(const char *name, int32_t code, int32_t skip);
  /// Calls of the function since the last reset.
  int32_t (*count)(const char *name);
  /// Allocations, streams, modules, graphs and linkers that are alive, and uses of the context.
  int32_t (*live)();
  /// The rules that were broken, a line each.
  const char *(*violations)();
  /// The PTX that the last linker got.
  const char *(*source)();
  /// "devices", "capability" (75: 7.5), "driver" (12020: 12.2), "memory" (MiB).
  void (*set)(const char *name, int64_t value);
};

/// The stand-in, or nullptr where the system's library is another or none.
inline const StandInCuda *findStandInCuda();

} // namespace oriel::test

#include <dlfcn.h>

inline const oriel::test::StandInCuda *oriel::test::findStandInCuda() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  void *found = library != nullptr ? dlsym(library, "standInCuda") : nullptr;
  return static_cast<const StandInCuda *>(found);
}

#endif // ORIEL_TESTS_UNIT_RUNTIME_SRC_STANDINCUDA_H
