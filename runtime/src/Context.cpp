// Makes contexts.

#include "runtime/src/Context.h"
#include "runtime/src/Error.h"

#include <cstdlib>
#include <cstring>
#include <new>

using namespace oriel;

namespace {

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
  context.batch = batch;
  return ORIEL_OK;
}

/// After the threads are known. A device keeps all of the batch at once.
oriel_status chooseSlices(const oriel_context_options &options, oriel_context &context,
                          oriel_error *error) {
  int32_t slice = options.slice;
  if (slice < 0 || (slice > 0 && context.batch % slice != 0) ||
      (context.isOnDevice && slice != 0 && slice != context.batch)) {
    return fail(error, ORIEL_INVALID_ARGUMENT,
                context.isOnDevice
                    ? "slices of %d of a batch of %d are not possible on a device: leave slice 0"
                    : "slices of %d of a batch of %d are not possible: give a divisor of it, or 0",
                slice, context.batch);
  }
  if (slice == 0) {
    slice = context.isOnDevice
                ? context.batch
                : chooseSlice(*context.variant, context.batch, context.call.worker_count);
  }
  context.call.batch = slice;
  return context.slices.create(*context.module->descriptor->signature, context.batch, slice, error);
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

/// Queue and memory on the variant's device; then one run on zeros, with which the device compiles
/// the kernels and gets the parameters.
oriel_status prepareDevice(const oriel_context_options &options, oriel_context &context,
                           oriel_error *error) {
  oriel_call &call = context.call;
  call.worker_count = 1;
  context.workers = static_cast<oriel_worker *>(aligned_alloc(64, sizeof(oriel_worker)));
  if (context.workers == nullptr) {
    return fail(error, ORIEL_OUT_OF_RESOURCES, "no memory for a context: free some");
  }
  context.workers[0] = {};
  context.workers[0].call = &call;
  call.workers = context.workers;
  oriel_status status = context.device.create(*context.module, *context.variant, call.batch,
                                              options.stream, options.on_device != 0, error);
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
    status = chooseSlices(options, context, error);
    return status == ORIEL_OK ? prepareDevice(options, context, error) : status;
  }
  if (status == ORIEL_OK && (options.on_device != 0 || options.stream != nullptr)) {
    return fail(
        error, ORIEL_INVALID_ARGUMENT,
        "the processor takes inputs and outputs in the program's memory and no stream: leave "
        "on_device and stream out, or use the device cuda");
  }
  if (status == ORIEL_OK) {
    status = choosePool(options, context, error);
  }
  if (status == ORIEL_OK) {
    status = chooseSlices(options, context, error);
  }
  if (status == ORIEL_OK) {
    status = allocateWorkspace(context, error);
  }
  if (status == ORIEL_OK && context.variant->prepare_workspace != nullptr) {
    status = runFunction(context, context.variant->prepare_workspace, error);
  }
  return status;
}

oriel_status create(const oriel_context_options &options, oriel_context &context,
                    oriel_error *error) {
  oriel_status status = prepare(options, context, error);
  // What prepares the context is no run, so these come after it; the profiler last, as it is not to
  // count what the other does.
  if (status == ORIEL_OK && options.check_numerics != 0) {
    status = context.numerics.create(*context.variant, *context.module->descriptor->signature,
                                     context.batch, context.call, deviceOf(context), error);
  }
  if (status == ORIEL_OK && options.profile != 0) {
    bool isCallersPool = options.parallel_for != nullptr && !context.isOnDevice;
    status = context.profiler.create(*context.variant, context.slices.count(), context.call,
                                     isCallersPool, error);
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

int32_t oriel_context_batch(const oriel_context *context) { return context->batch; }

int32_t oriel_context_slice(const oriel_context *context) { return context->slices.items(); }

int32_t oriel_context_threads(const oriel_context *context) { return context->call.worker_count; }

uint64_t oriel_context_workspace_bytes(const oriel_context *context) {
  return context->workspaceBytes;
}
