// A context: the workspace of one run at a time, and what the run needs.

#ifndef ORIEL_RUNTIME_SRC_CONTEXT_H
#define ORIEL_RUNTIME_SRC_CONTEXT_H

#include "runtime/src/BatchSlices.h"
#include "runtime/src/DeviceRun.h"
#include "runtime/src/Module.h"
#include "runtime/src/NumericsCheck.h"
#include "runtime/src/Pool.h"
#include "runtime/src/Profiler.h"

namespace oriel {

/// Memory that a kernel asked for beyond its scratch; the size of a page precedes the kernel's
/// part.
struct Overflow {
  Overflow *next;
  uint64_t bytes;
};

inline constexpr uint64_t pageBytes = 4096;

} // namespace oriel

struct oriel_context {
  oriel_module *module = nullptr;
  const oriel_variant *variant = nullptr;
  // Of a context on a device, used where isOnDevice.
  bool isOnDevice = false;
  oriel::DeviceRun device;
  oriel_status deviceStatus = ORIEL_OK;
  // A run has been without error, so the arena holds what launches store.
  bool hasRun = false;
  // nullptr for one thread and for the caller's own pool.
  oriel::Pool *pool = nullptr;
  // The place in the pool of the run that is going on.
  oriel::LoopPlace *place = nullptr;
  // Arena, then the scratch of each worker, in one allocation.
  void *workspace = nullptr;
  uint64_t workspaceBytes = 0;
  oriel_worker *workers = nullptr;
  // Items of a run, of which a call computes a slice.
  int32_t batch = 0;
  oriel::BatchSlices slices;
  oriel_call call = {};
  oriel::NumericsCheck numerics;
  oriel::Profiler profiler;

  // The first error of the run: 0 none, 1 being written, 2 written.
  std::atomic<int32_t> errorState{0};
  char errorText[400] = {};
  std::atomic<oriel::Overflow *> overflows{nullptr};
};

namespace oriel {

/// Where the context's memory is; nullptr: the processor.
inline DeviceRun *deviceOf(oriel_context &context) {
  return context.isOnDevice ? &context.device : nullptr;
}

// What modules call, see oriel_call; the sink, the pool and the queue are the context.
void reportError(void *sink, const char *message);
void *overflowScratch(void *sink, uint64_t bytes);
int32_t runOnPool(void *pool, int32_t count, oriel_task_fn task, void *arg);
int32_t launchOnDevice(void *queue, const oriel_kernel_launch *launch);

/// Calls `function` with the context's call and turns what kernels reported into a status.
oriel_status runFunction(oriel_context &context, int32_t (*function)(const oriel_call *),
                         oriel_error *error);

} // namespace oriel

#endif // ORIEL_RUNTIME_SRC_CONTEXT_H
