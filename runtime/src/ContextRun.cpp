// A run of a context: what kernels call, on the processor and on devices.

#include "runtime/src/Context.h"
#include "runtime/src/Error.h"

#include <cstring>
#include <new>
#include <sys/mman.h>

using namespace oriel;

//===----------------------------------------------------------------------===//
// What kernels call
//===----------------------------------------------------------------------===//

void oriel::reportError(void *sink, const char *message) {
  auto *context = static_cast<oriel_context *>(sink);
  int32_t none = 0;
  if (context->errorState.compare_exchange_strong(none, 1)) {
    size_t length = strnlen(message, sizeof context->errorText - 1);
    memcpy(context->errorText, message, length);
    context->errorText[length] = '\0';
    context->errorState.store(2, std::memory_order_release);
  }
}

void *oriel::overflowScratch(void *sink, uint64_t bytes) {
  auto *context = static_cast<oriel_context *>(sink);
  reportError(sink, "a kernel needs more scratch than the module says: report this as a bug of "
                    "oriel-compile");
  uint64_t size = bytes < UINT64_MAX - 3 * pageBytes
                      ? (bytes + pageBytes - 1) / pageBytes * pageBytes + 2 * pageBytes
                      : UINT64_MAX;
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return nullptr;
  }
  Overflow *overflow = new (memory) Overflow{context->overflows.load(), size};
  while (!context->overflows.compare_exchange_weak(overflow->next, overflow)) {
  }
  return static_cast<uint8_t *>(memory) + pageBytes;
}

int32_t oriel::runOnPool(void *pool, int32_t count, oriel_task_fn task, void *arg) {
  auto *context = static_cast<oriel_context *>(pool);
  // Without a place in the pool the run goes on alone.
  if (context->place == nullptr) {
    int32_t result = 0;
    for (int32_t i = 0; i < count && result == 0; ++i) {
      result = task(arg, i, 0);
    }
    return result;
  }
  return context->pool->run(*context->place, context->call.worker_count, count, task, arg,
                            context->profiler.workerSpans());
}

int32_t oriel::launchOnDevice(void *queue, const oriel_kernel_launch *launch) {
  auto *context = static_cast<oriel_context *>(queue);
  oriel_error error;
  // Kernels go on behind one that failed.
  oriel_status status = context->deviceStatus;
  if (status != ORIEL_OK) {
    return status;
  }
  status = context->device.launch(*launch, &error);
  bool hasHooks = context->call.launch_begin != nullptr || context->call.launch_end != nullptr;
  if (status == ORIEL_OK && hasHooks) {
    status = context->device.synchronize(&error);
  }
  if (status != ORIEL_OK) {
    context->deviceStatus = status;
    reportError(context, error.message);
  }
  return status;
}

static void releaseOverflows(oriel_context &context) {
  Overflow *overflow = context.overflows.exchange(nullptr);
  while (overflow != nullptr) {
    Overflow *next = overflow->next;
    munmap(overflow, overflow->bytes);
    overflow = next;
  }
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Before the context's call is given to functions of the module.
static void beginCall(oriel_context &context) {
  context.errorState.store(0, std::memory_order_relaxed);
  for (int32_t i = 0; i < context.call.worker_count; ++i) {
    context.workers[i].scratch_used = context.workers[i].scratch_top = 0;
  }
  bool usesPool = context.pool != nullptr && context.call.worker_count > 1;
  context.place = usesPool ? context.pool->enter() : nullptr;
  if (context.profiler.isOn()) {
    context.profiler.beginRun();
  }
}

/// After it; `result` is what they returned.
static oriel_status endCall(oriel_context &context, int32_t result, oriel_error *error) {
  if (context.profiler.isOn()) {
    context.profiler.endRun();
  }
  if (context.place != nullptr) {
    context.pool->leave(context.place);
    context.place = nullptr;
  }
  releaseOverflows(context);
  bool hasText = context.errorState.load(std::memory_order_acquire) == 2;
  if (result == 0 && !hasText) {
    return ORIEL_OK;
  }
  if (context.deviceStatus != ORIEL_OK) {
    return fail(error, context.deviceStatus, "%s", context.errorText);
  }
  return fail(error, ORIEL_KERNEL_FAILED, "the run of %s failed: %s",
              context.module->descriptor->model_name,
              hasText ? context.errorText : "a kernel gave an error code without a text");
}

oriel_status oriel::runFunction(oriel_context &context, int32_t (*function)(const oriel_call *),
                                oriel_error *error) {
  beginCall(context);
  return endCall(context, function(&context.call), error);
}

/// Runs the model on each slice of the batch.
static oriel_status runSlices(oriel_context &context, const void *const *inputs,
                              void *const *outputs, oriel_error *error) {
  beginCall(context);
  int32_t result = 0;
  for (int32_t slice = 0; slice < context.slices.count() && result == 0; ++slice) {
    context.slices.enter(slice, inputs, outputs, context.call);
    context.numerics.beginSlice(slice);
    context.profiler.beginSlice(slice);
    result = context.variant->run(&context.call);
    // A kernel that reported an error need not have returned one.
    result = result == 0 ? context.errorState.load(std::memory_order_relaxed) : result;
  }
  return endCall(context, result, error);
}

namespace {

/// Puts the launches of a run on the device's queue. They are the same in every run, so a device
/// that can keeps those of the first.
oriel_status launchAll(oriel_context &context, oriel_error *error) {
  const oriel_call &call = context.call;
  bool hasHooks = call.launch_begin != nullptr || call.launch_end != nullptr;
  if (!context.device.canRecord() || hasHooks) {
    return runFunction(context, context.variant->run, error);
  }
  if (!context.device.isRecorded()) {
    oriel_status status = context.device.beginRecording(error);
    if (status != ORIEL_OK) {
      return status;
    }
    status = runFunction(context, context.variant->run, error);
    // Ended whatever has happened; then the first error is the one to tell.
    oriel_error second;
    oriel_status end = context.device.endRecording(status == ORIEL_OK ? error : &second);
    if (status != ORIEL_OK || end != ORIEL_OK) {
      return status != ORIEL_OK ? status : end;
    }
  }
  return context.device.replay(error);
}

/// Whether the device, if the context is on one, has not failed.
oriel_status checkDevice(const oriel_context &context, oriel_error *error) {
  if (context.deviceStatus == ORIEL_OK) {
    return ORIEL_OK;
  }
  return fail(error, ORIEL_DEVICE_FAILED,
              "an earlier run of this context of %s failed on its device: release the context "
              "and make a new one",
              context.module->descriptor->model_name);
}

oriel_status runOnDevice(oriel_context &context, const void *const *inputs, void *const *outputs,
                         oriel_error *error) {
  oriel_status status = checkDevice(context, error);
  if (status != ORIEL_OK) {
    return status;
  }
  status = context.device.upload(inputs, error);
  if (status == ORIEL_OK) {
    status = launchAll(context, error);
  }
  if (status == ORIEL_OK) {
    status = context.device.download(outputs, error);
  }
  // The caller may use inputs and outputs again whatever has happened.
  if (status != ORIEL_OK || !context.device.isAsynchronous()) {
    oriel_error second;
    oriel_status end = context.device.synchronize(status == ORIEL_OK ? error : &second);
    status = status == ORIEL_OK ? end : status;
  }
  if (status != ORIEL_OK) {
    context.deviceStatus = status;
  }
  return status;
}

oriel_status checkArrays(const oriel_context &context, const void *const *inputs,
                         void *const *outputs, oriel_error *error) {
  const oriel_signature &signature = *context.module->descriptor->signature;
  for (int32_t i = 0; i < signature.input_count; ++i) {
    if (inputs == nullptr || inputs[i] == nullptr) {
      return fail(error, ORIEL_INVALID_ARGUMENT, "input %d ('%s') is NULL: give its data", i,
                  signature.inputs[i].name);
    }
  }
  for (int32_t i = 0; i < signature.output_count; ++i) {
    if (outputs == nullptr || outputs[i] == nullptr) {
      return fail(error, ORIEL_INVALID_ARGUMENT, "output %d ('%s') is NULL: give memory for it", i,
                  signature.outputs[i].name);
    }
  }
  return ORIEL_OK;
}

oriel_status checkLaunch(const oriel_context &context, int32_t launch, int32_t repeats,
                         oriel_error *error) {
  const char *model = context.module->descriptor->model_name;
  if (context.variant->run_launch == nullptr) {
    return fail(error, ORIEL_INVALID_ARGUMENT, "the module of %s only runs whole: compile it again",
                model);
  }
  if (launch < 0 || launch >= context.variant->launch_count || repeats < 1) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "launch %d of %s cannot run %d times: give a launch from 0 to %d, and once or more",
                launch, model, repeats, context.variant->launch_count - 1);
  }
  if (!context.hasRun) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "launch %d of %s has nothing to read yet: run the context once before", launch,
                model);
  }
  return checkDevice(context, error);
}

} // namespace

//===----------------------------------------------------------------------===//
// C API
//===----------------------------------------------------------------------===//

oriel_status oriel_context_run(oriel_context *context, const void *const *inputs,
                               void *const *outputs, oriel_error *error) {
  oriel_status status = checkArrays(*context, inputs, outputs, error);
  if (status != ORIEL_OK) {
    return status;
  }
  if (context->numerics.isOn()) {
    bool isReadable = !context->isOnDevice || !context->device.isOfDeviceMemory();
    context->numerics.beginRun(isReadable ? inputs : nullptr);
  }
  if (context->isOnDevice) {
    status = runOnDevice(*context, inputs, outputs, error);
  } else {
    status = runSlices(*context, inputs, outputs, error);
  }
  context->hasRun = context->hasRun || status == ORIEL_OK;
  return status == ORIEL_OK && context->numerics.isOn() ? context->numerics.endRun(error) : status;
}

oriel_status oriel_context_run_launch(oriel_context *context, int32_t launch, int32_t repeats,
                                      const void *const *inputs, void *const *outputs,
                                      oriel_error *error) {
  oriel_status status = checkArrays(*context, inputs, outputs, error);
  if (status == ORIEL_OK) {
    status = checkLaunch(*context, launch, repeats, error);
  }
  if (status != ORIEL_OK) {
    return status;
  }
  if (context->numerics.isOn()) {
    context->numerics.beginRun(nullptr);
  }
  if (!context->isOnDevice) {
    context->slices.enter(0, inputs, outputs, context->call);
  }
  beginCall(*context);
  int32_t result = 0;
  for (int32_t i = 0; i < repeats && result == 0; ++i) {
    result = context->variant->run_launch(&context->call, launch);
  }
  status = endCall(*context, result, error);
  if (context->isOnDevice && status == ORIEL_OK) {
    status = context->deviceStatus = context->device.synchronize(error);
  }
  return status == ORIEL_OK && context->numerics.isOn() ? context->numerics.endRun(error) : status;
}

oriel_status oriel_context_read_store(oriel_context *context, int32_t launch, int32_t store,
                                      float *values, oriel_error *error) {
  const oriel_variant &variant = *context->variant;
  bool isLaunch = launch >= 0 && launch < variant.launch_count;
  if (!isLaunch || store < 0 || store >= variant.launches[launch].store_count ||
      values == nullptr) {
    return fail(
        error, ORIEL_INVALID_ARGUMENT,
        "launch %d of %s has no store %d, or there is no place for it: look into the launch "
        "table",
        launch, context->module->descriptor->model_name, store);
  }
  return StoreReader(context->call, deviceOf(*context))
      .read(variant.launches[launch].stores[store], values, error);
}

const oriel_nonfinite *oriel_context_nonfinite(const oriel_context *context, int32_t item) {
  return context->numerics.isOn() ? context->numerics.finding(item) : nullptr;
}
