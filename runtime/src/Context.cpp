// A context: the workspace of one run at a time, and the run.

#include "runtime/src/DeviceRun.h"
#include "runtime/src/Error.h"
#include "runtime/src/Module.h"
#include "runtime/src/NumericsCheck.h"
#include "runtime/src/Pool.h"
#include "runtime/src/Profiler.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

using namespace oriel;

namespace {

/// Memory that a kernel asked for beyond its scratch; the size of a page precedes the kernel's
/// part.
struct Overflow {
  Overflow *next;
  uint64_t bytes;
};

constexpr uint64_t pageBytes = 4096;

uint64_t roundUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

} // namespace

struct oriel_context {
  oriel_module *module = nullptr;
  const oriel_variant *variant = nullptr;
  // Of a context on a device, used where isOnDevice.
  bool isOnDevice = false;
  DeviceRun device;
  oriel_status deviceStatus = ORIEL_OK;
  // nullptr for one thread and for the caller's own pool.
  Pool *pool = nullptr;
  // The place in the pool of the run that is going on.
  LoopPlace *place = nullptr;
  // Arena, then the scratch of each worker, in one allocation.
  void *workspace = nullptr;
  uint64_t workspaceBytes = 0;
  oriel_worker *workers = nullptr;
  oriel_call call = {};
  NumericsCheck numerics;
  Profiler profiler;

  // The first error of the run: 0 none, 1 being written, 2 written.
  std::atomic<int32_t> errorState{0};
  char errorText[400] = {};
  std::atomic<Overflow *> overflows{nullptr};
};

namespace {

//===----------------------------------------------------------------------===//
// What kernels call
//===----------------------------------------------------------------------===//

void reportError(void *sink, const char *message) {
  auto *context = static_cast<oriel_context *>(sink);
  int32_t none = 0;
  if (context->errorState.compare_exchange_strong(none, 1)) {
    size_t length = strnlen(message, sizeof context->errorText - 1);
    memcpy(context->errorText, message, length);
    context->errorText[length] = '\0';
    context->errorState.store(2, std::memory_order_release);
  }
}

void *overflowScratch(void *sink, uint64_t bytes) {
  auto *context = static_cast<oriel_context *>(sink);
  reportError(sink, "a kernel needs more scratch than the module says: report this as a bug of "
                    "oriel-compile");
  uint64_t size =
      bytes < UINT64_MAX - 3 * pageBytes ? roundUp(bytes, pageBytes) + 2 * pageBytes : UINT64_MAX;
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

void releaseOverflows(oriel_context &context) {
  Overflow *overflow = context.overflows.exchange(nullptr);
  while (overflow != nullptr) {
    Overflow *next = overflow->next;
    munmap(overflow, overflow->bytes);
    overflow = next;
  }
}

int32_t runOnPool(void *pool, int32_t count, oriel_task_fn task, void *arg) {
  auto *context = static_cast<oriel_context *>(pool);
  // Without a place in the pool the run goes on alone.
  if (context->place == nullptr) {
    int32_t result = 0;
    for (int32_t i = 0; i < count && result == 0; ++i) {
      result = task(arg, i, 0);
    }
    return result;
  }
  return context->pool->run(*context->place, context->call.worker_count, count, task, arg);
}

int32_t launchOnDevice(void *queue, const oriel_kernel_launch *launch) {
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

//===----------------------------------------------------------------------===//
// Making a context
//===----------------------------------------------------------------------===//

oriel_status chooseVariant(const oriel_context_options &options, oriel_context &context,
                           oriel_error *error) {
  const oriel_module_descriptor &descriptor = *context.module->descriptor;
  if (context.module->isForInspection) {
    return fail(
        error, ORIEL_INVALID_ARGUMENT,
        "the module of %s was loaded for inspection: load it without inspect_only to run it",
        descriptor.model_name);
  }
  int32_t batch = options.batch != 0 ? options.batch : descriptor.signature->batch;
  context.variant = batch > 0 ? findVariant(*context.module, options.device, batch) : nullptr;
  if (options.device != nullptr && findVariant(*context.module, options.device, 0) == nullptr) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "the module of %s has no variant for the device %.32s that runs here: compile it "
                "with --target %.32s, or choose another device",
                descriptor.model_name, options.device,
                strcmp(options.device, "cpu") == 0 ? "host" : options.device);
  }
  if (context.variant == nullptr) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "the module of %s does not run at batch %d: use batch %d, or compile it with "
                "--batch %d",
                descriptor.model_name, batch, descriptor.signature->batch, batch > 0 ? batch : 1);
  }
  context.isOnDevice = findDevice(context.variant->device)->api != nullptr;
  context.call.batch = batch;
  return ORIEL_OK;
}

oriel_status choosePool(const oriel_context_options &options, oriel_context &context,
                        oriel_error *error) {
  oriel_call &call = context.call;
  if (options.threads < 0 || options.threads > maxWorkers) {
    return fail(error, ORIEL_INVALID_ARGUMENT, "a run on %d threads is not possible: give 1 to %d",
                options.threads, maxWorkers);
  }
  call.worker_count = options.threads;
  if (options.parallel_for != nullptr) {
    if (options.threads == 0 || options.pool != nullptr) {
      return fail(error, ORIEL_INVALID_ARGUMENT,
                  "a context with its own parallel_for needs `threads` and no `pool`");
    }
    call.parallel_for = options.parallel_for;
    call.pool = options.parallel_for_pool;
    return ORIEL_OK;
  }
  call.parallel_for = runOnPool;
  call.pool = &context;
  // One thread needs no pool, so it does not make the shared one either.
  if (options.threads == 1 || (options.pool == nullptr && allowedProcessors() == 1)) {
    call.worker_count = 1;
    return ORIEL_OK;
  }
  if (options.pool != nullptr) {
    context.pool = reinterpret_cast<Pool *>(options.pool);
    context.pool->retain();
  } else if (oriel_status status = Pool::shared(&context.pool, error); status != ORIEL_OK) {
    return status;
  }
  int32_t threads = context.pool->threads();
  call.worker_count = options.threads == 0 || options.threads > threads ? threads : options.threads;
  return ORIEL_OK;
}

/// Arena and scratch in one block: | arena | scratch 0 | scratch 1 | ... |, each part on a page of
/// its own, so that two workers' scratch never shares a line and the last part has bytes after it.
oriel_status allocateWorkspace(oriel_context &context, oriel_error *error) {
  const oriel_variant &variant = *context.variant;
  oriel_call &call = context.call;
  // Wide enough for whatever sizes a module may ask for.
  using Bytes = unsigned __int128;
  auto part = [](Bytes bytes) {
    return (bytes + ORIEL_WORKSPACE_ALIGNMENT + pageBytes - 1) / pageBytes * pageBytes;
  };
  Bytes arenaPart =
      part(variant.arena_fixed_bytes + Bytes(variant.arena_bytes_per_item) * uint32_t(call.batch));
  Bytes scratchPart = part(variant.scratch_bytes_per_worker);
  Bytes total = arenaPart + scratchPart * uint32_t(call.worker_count);
  context.workspace = total <= PTRDIFF_MAX ? allocateOnCpu(uint64_t(total)) : nullptr;
  context.workers = static_cast<oriel_worker *>(
      aligned_alloc(64, sizeof(oriel_worker) * size_t(call.worker_count)));
  if (context.workspace == nullptr || context.workers == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES,
                "no memory for the workspace of a run (%llu MB): use a smaller batch or fewer "
                "threads",
                static_cast<unsigned long long>(total >> 20));
  }
  context.workspaceBytes = uint64_t(total);
  call.arena = context.workspace;
  call.workers = context.workers;
  uint8_t *scratchBase = static_cast<uint8_t *>(context.workspace) + uint64_t(arenaPart);
  for (int32_t i = 0; i < call.worker_count; ++i) {
    oriel_worker worker = {};
    worker.call = &call;
    worker.scratch = scratchBase + uint64_t(i) * uint64_t(scratchPart);
    worker.scratch_size = variant.scratch_bytes_per_worker;
    worker.index = i;
    context.workers[i] = worker;
  }
  return ORIEL_OK;
}

/// Calls `function` with the context's call and turns what kernels reported into a status.
oriel_status runFunction(oriel_context &context, int32_t (*function)(const oriel_call *),
                         oriel_error *error) {
  context.errorState.store(0, std::memory_order_relaxed);
  for (int32_t i = 0; i < context.call.worker_count; ++i) {
    context.workers[i].scratch_used = context.workers[i].scratch_top = 0;
  }
  bool usesPool = context.pool != nullptr && context.call.worker_count > 1;
  context.place = usesPool ? context.pool->enter() : nullptr;
  if (context.profiler.isOn()) {
    context.profiler.beginRun();
  }
  int32_t result = function(&context.call);
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

/// Queue and memory on the variant's device; then one run on zeros, with which the device compiles
/// the kernels and gets the parameters.
oriel_status prepareDevice(oriel_context &context, oriel_error *error) {
  oriel_call &call = context.call;
  call.worker_count = 1;
  context.workers = static_cast<oriel_worker *>(aligned_alloc(64, sizeof(oriel_worker)));
  if (context.workers == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a context: free some");
  }
  context.workers[0] = {};
  context.workers[0].call = &call;
  call.workers = context.workers;
  oriel_status status = context.device.create(*context.module, *context.variant, call.batch, error);
  if (status != ORIEL_OK) {
    return status;
  }
  context.workspaceBytes = context.device.bytes();
  context.device.describe(call);
  call.launch_kernel = launchOnDevice;
  call.device_queue = &context;
  auto *begin = call.launch_begin, *end = call.launch_end;
  call.launch_begin = call.launch_end = nullptr;
  status = runFunction(context, context.variant->run, error);
  call.launch_begin = begin;
  call.launch_end = end;
  return status == ORIEL_OK ? context.device.synchronize(error) : status;
}

oriel_status prepare(const oriel_context_options &options, oriel_context &context,
                     oriel_error *error) {
  oriel_call &call = context.call;
  call.struct_size = sizeof(oriel_call);
  call.parameters = context.module->parameters;
  call.report_error = reportError;
  call.overflow_scratch = overflowScratch;
  call.error_sink = &context;
  call.launch_begin = options.launch_begin;
  call.launch_end = options.launch_end;
  call.hook_arg = options.hook_arg;
  oriel_status status = chooseVariant(options, context, error);
  if (status == ORIEL_OK && context.isOnDevice) {
    return prepareDevice(context, error);
  }
  if (status == ORIEL_OK) {
    status = choosePool(options, context, error);
  }
  if (status == ORIEL_OK) {
    status = allocateWorkspace(context, error);
  }
  if (status == ORIEL_OK && context.variant->prepare_workspace != nullptr) {
    status = runFunction(context, context.variant->prepare_workspace, error);
  }
  return status;
}

/// Where the context's memory is; nullptr: the processor.
DeviceRun *deviceOf(oriel_context &context) {
  return context.isOnDevice ? &context.device : nullptr;
}

oriel_status create(const oriel_context_options &options, oriel_context &context,
                    oriel_error *error) {
  oriel_status status = prepare(options, context, error);
  // What prepares the context is no run, so these come after it; the profiler last, as it is not to
  // count what the other does.
  if (status == ORIEL_OK && options.check_numerics != 0) {
    status = context.numerics.create(*context.variant, *context.module->descriptor->signature,
                                     context.call, deviceOf(context), error);
  }
  if (status == ORIEL_OK && options.profile != 0) {
    status = context.profiler.create(*context.variant, context.call, error);
  }
  return status;
}

oriel_status runOnDevice(oriel_context &context, const void *const *inputs, void *const *outputs,
                         oriel_error *error) {
  if (context.deviceStatus != ORIEL_OK) {
    return fail(error, ORIEL_DEVICE_FAILED,
                "an earlier run of this context of %s failed on its device: release the context "
                "and make a new one",
                context.module->descriptor->model_name);
  }
  oriel_status status = context.device.upload(inputs, error);
  if (status == ORIEL_OK) {
    status = runFunction(context, context.variant->run, error);
  }
  if (status == ORIEL_OK) {
    status = context.device.download(outputs, error);
  }
  // The caller may use inputs and outputs again whatever has happened.
  oriel_error second;
  oriel_status end = context.device.synchronize(status == ORIEL_OK ? error : &second);
  status = status == ORIEL_OK ? end : status;
  if (status != ORIEL_OK) {
    context.deviceStatus = status;
  }
  return status;
}

} // namespace

//===----------------------------------------------------------------------===//
// C API
//===----------------------------------------------------------------------===//

oriel_status oriel_context_create(oriel_module *module, const oriel_context_options *options,
                                  oriel_context **out, oriel_error *error) {
  if (module == nullptr || out == nullptr) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                "oriel_context_create needs a module and a place for the context");
  }
  oriel_context_options known = {};
  if (options != nullptr) {
    size_t size = options->struct_size < sizeof known ? options->struct_size : sizeof known;
    memcpy(&known, options, size);
  }
  void *memory = malloc(sizeof(oriel_context));
  if (memory == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a context: free some");
  }
  oriel_context *context = new (memory) oriel_context();
  retainModule(*module);
  context->module = module;
  oriel_status status = create(known, *context, error);
  if (status != ORIEL_OK) {
    oriel_context_release(context);
    return status;
  }
  *out = context;
  return ORIEL_OK;
}

void oriel_context_release(oriel_context *context) {
  if (context == nullptr) {
    return;
  }
  if (context->workspace != nullptr) {
    releaseOnCpu(context->workspace, context->workspaceBytes);
  }
  free(context->workers);
  if (context->pool != nullptr) {
    context->pool->release();
  }
  // The device's part of the context goes before the module's.
  oriel_module *module = context->module;
  context->~oriel_context();
  free(context);
  oriel_module_release(module);
}

const oriel_variant *oriel_context_variant(const oriel_context *context) {
  return context->variant;
}

const oriel_profile *oriel_context_profile(const oriel_context *context) {
  return context->profiler.isOn() ? &context->profiler.profile() : nullptr;
}

int32_t oriel_context_batch(const oriel_context *context) { return context->call.batch; }

int32_t oriel_context_threads(const oriel_context *context) { return context->call.worker_count; }

uint64_t oriel_context_workspace_bytes(const oriel_context *context) {
  return context->workspaceBytes;
}

oriel_status oriel_context_run(oriel_context *context, const void *const *inputs,
                               void *const *outputs, oriel_error *error) {
  const oriel_signature &signature = *context->module->descriptor->signature;
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
  if (context->numerics.isOn()) {
    context->numerics.beginRun(inputs);
  }
  oriel_status status;
  if (context->isOnDevice) {
    status = runOnDevice(*context, inputs, outputs, error);
  } else {
    context->call.inputs = inputs;
    context->call.outputs = outputs;
    status = runFunction(*context, context->variant->run, error);
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
