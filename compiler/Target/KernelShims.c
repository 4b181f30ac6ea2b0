// Freestanding C11; see KernelShims.h. Signatures: halide/Halide:src/runtime/HalideRuntime.h, v21.

#include "compiler/Target/KernelShims.h"

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

static void report(void *user_context, const char *message) {
  const oriel_call *call = ((const oriel_worker *)user_context)->call;
  call->report_error(call->error_sink, message);
}

void halide_error(void *user_context, const char *message);
void halide_error(void *user_context, const char *message) { report(user_context, message); }

// The checks of generated code: each reports its own name and returns its code of
// halide_error_code_t. Their further arguments (names and extents) are left unread, which the C
// calling conventions of x86-64 and AArch64 allow: the caller owns the argument area.
#define HALIDE_ERRORS(X)                                                                           \
  X(explicit_bounds_too_small, -2)                                                                 \
  X(bad_type, -3)                                                                                  \
  X(access_out_of_bounds, -4)                                                                      \
  X(buffer_allocation_too_large, -5)                                                               \
  X(buffer_extents_too_large, -6)                                                                  \
  X(constraints_make_required_region_smaller, -7)                                                  \
  X(constraint_violated, -8)                                                                       \
  X(param_too_small_i64, -9)                                                                       \
  X(param_too_small_u64, -9)                                                                       \
  X(param_too_small_f64, -9)                                                                       \
  X(param_too_large_i64, -10)                                                                      \
  X(param_too_large_u64, -10)                                                                      \
  X(param_too_large_f64, -10)                                                                      \
  X(out_of_memory, -11)                                                                            \
  X(buffer_argument_is_null, -12)                                                                  \
  X(debug_to_file_failed, -13)                                                                     \
  X(no_device_interface, -19)                                                                      \
  X(unaligned_host_ptr, -24)                                                                       \
  X(bad_fold, -25)                                                                                 \
  X(fold_factor_too_small, -26)                                                                    \
  X(requirement_failed, -27)                                                                       \
  X(buffer_extents_negative, -28)                                                                  \
  X(specialize_fail, -31)                                                                          \
  X(host_is_null, -34)                                                                             \
  X(bad_extern_fold, -35)                                                                          \
  X(device_interface_no_device, -36)                                                               \
  X(host_and_device_dirty, -37)                                                                    \
  X(buffer_is_null, -38)                                                                           \
  X(device_crop_failed, -41)                                                                       \
  X(bad_dimensions, -43)                                                                           \
  X(device_dirty_with_no_device_support, -44)                                                      \
  X(storage_bound_too_small, -45)                                                                  \
  X(split_factor_not_positive, -46)                                                                \
  X(vscale_invalid, -47)

#define DEFINE_ERROR(name, code)                                                                   \
  int halide_error_##name(void *user_context);                                                     \
  int halide_error_##name(void *user_context) {                                                    \
    report(user_context, "kernel check failed: " #name);                                           \
    return code;                                                                                   \
  }
HALIDE_ERRORS(DEFINE_ERROR)

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

// Before every block lies a header of one line. Blocks are a stack, but Halide frees a buffer after
// its last use rather than in reverse order of allocation: a block freed below the top is marked,
// and goes when the top reaches it.
typedef struct {
  // worker->scratch_top before this block was made.
  uint64_t previous_top;
  uint64_t is_free;
} block_header;

// worker->scratch_top: offset of the top block's header plus 1, 0 where there is none.
static block_header *top_block(const oriel_worker *worker) {
  return (block_header *)(void *)(worker->scratch + worker->scratch_top - 1);
}

void *halide_malloc(void *user_context, size_t bytes);
void *halide_malloc(void *user_context, size_t bytes) {
  oriel_worker *worker = user_context;
  uint64_t available = worker->scratch_size - worker->scratch_used;
  if (bytes > available || oriel_scratch_block_bytes(bytes) > available) {
    return worker->call->overflow_scratch(worker->call->error_sink, bytes);
  }
  uint64_t previous_top = worker->scratch_top;
  worker->scratch_top = worker->scratch_used + 1;
  worker->scratch_used += oriel_scratch_block_bytes(bytes);
  block_header *header = top_block(worker);
  header->previous_top = previous_top;
  header->is_free = 0;
  return (uint8_t *)header + ORIEL_WORKSPACE_ALIGNMENT;
}

void halide_free(void *user_context, void *pointer);
void halide_free(void *user_context, void *pointer) {
  oriel_worker *worker = user_context;
  uintptr_t address = (uintptr_t)pointer, base = (uintptr_t)worker->scratch;
  // NULL and what overflow_scratch gave are not ours.
  if (address < base + ORIEL_WORKSPACE_ALIGNMENT || address > base + worker->scratch_used) {
    return;
  }
  block_header *header = (block_header *)(void *)((uint8_t *)pointer - ORIEL_WORKSPACE_ALIGNMENT);
  header->is_free = 1;
  while (worker->scratch_top != 0 && top_block(worker)->is_free) {
    worker->scratch_used = worker->scratch_top - 1;
    worker->scratch_top = top_block(worker)->previous_top;
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

typedef int (*halide_task)(void *user_context, int index, uint8_t *closure);

typedef struct {
  const oriel_call *call;
  halide_task task;
  uint8_t *closure;
  int min;
} parallel_loop;

static int32_t run_task(void *arg, int32_t index, int32_t worker) {
  const parallel_loop *loop = arg;
  return loop->task(&loop->call->workers[worker], loop->min + index, loop->closure);
}

int halide_do_par_for(void *user_context, halide_task task, int min, int size, uint8_t *closure);
int halide_do_par_for(void *user_context, halide_task task, int min, int size, uint8_t *closure) {
  const oriel_call *call = ((const oriel_worker *)user_context)->call;
  int result = 0;
  if (call->worker_count == 1) {
    for (int i = 0; i < size && result == 0; ++i) {
      result = task(user_context, min + i, closure);
    }
  } else {
    parallel_loop loop = {call, task, closure, min};
    result = call->parallel_for(call->pool, size, run_task, &loop);
  }
  // Kernels built with no_asserts drop this result, so the error must not rest on it alone.
  if (result != 0) {
    report(user_context, "a parallel loop of a kernel failed");
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

// What Halide knows of a device lies in halide_buffer_t: here `host` is the device's address, all
// memory is there before a kernel runs, and nothing is ever copied.

typedef struct {
  int32_t min, extent, stride;
  uint32_t flags;
} dimension;

typedef struct {
  uint64_t device;
  const void *device_interface;
  uint8_t *host;
  uint64_t flags;
  uint8_t type_code, type_bits;
  uint16_t type_lanes;
  int32_t dimensions;
  dimension *dim;
  void *padding;
} buffer;

// Bytes from the first to the last element; strides are not negative.
static uint64_t span_of(const buffer *argument) {
  uint64_t elements = 1;
  for (int32_t i = 0; i < argument->dimensions; ++i) {
    const dimension *d = &argument->dim[i];
    if (d->extent <= 0) {
      return 0;
    }
    elements += (uint64_t)(d->extent - 1) * (uint64_t)d->stride;
  }
  return elements * (uint64_t)((argument->type_bits + 7) / 8);
}

enum { MOST_ARGUMENTS = 64 };

static int launch_kernel(void *user_context, oriel_kernel_launch *launch, const size_t sizes[],
                         void *values[], const int8_t are_buffers[]) {
  const oriel_call *call = ((const oriel_worker *)user_context)->call;
  oriel_kernel_argument arguments[MOST_ARGUMENTS];
  int count = 0;
  for (; sizes[count] != 0; ++count) {
    if (count == MOST_ARGUMENTS) {
      report(user_context, "a kernel has too many arguments: report this as a bug of "
                           "oriel-compile");
      return -1;
    }
    oriel_kernel_argument *argument = &arguments[count];
    argument->is_buffer = are_buffers[count];
    argument->reserved = 0;
    if (argument->is_buffer) {
      const buffer *value = values[count];
      argument->data = value->host;
      argument->size = span_of(value);
    } else {
      argument->data = values[count];
      argument->size = sizes[count];
    }
  }
  launch->arguments = arguments;
  launch->argument_count = count;
  // A kernel for a device is launched by variants for one only.
  return call->launch_kernel(call->device_queue, launch);
}

// Kernels of one source share `state`, which holds its address: what every thread stores.
static int keep_source(void **state, const char *source) {
  __atomic_store_n(state, (void *)(uintptr_t)source, __ATOMIC_RELAXED);
  return 0;
}

#define DEFINE_DEVICE(api)                                                                         \
  int halide_##api##_initialize_kernels(void *user_context, void **state, const char *source,      \
                                        int size);                                                 \
  int halide_##api##_initialize_kernels(void *user_context, void **state, const char *source,      \
                                        int size) {                                                \
    (void)user_context, (void)size;                                                                \
    return keep_source(state, source);                                                             \
  }                                                                                                \
  void halide_##api##_finalize_kernels(void *user_context, void *state);                           \
  void halide_##api##_finalize_kernels(void *user_context, void *state) {                          \
    (void)user_context, (void)state;                                                               \
  }                                                                                                \
  const void *halide_##api##_device_interface(void);                                               \
  const void *halide_##api##_device_interface(void) { return NULL; }                               \
  int halide_##api##_run(void *user_context, void *state, const char *entry, int blocks_x,         \
                         int blocks_y, int blocks_z, int threads_x, int threads_y, int threads_z,  \
                         int shared_bytes, size_t sizes[], void *values[], int8_t are_buffers[]);  \
  int halide_##api##_run(void *user_context, void *state, const char *entry, int blocks_x,         \
                         int blocks_y, int blocks_z, int threads_x, int threads_y, int threads_z,  \
                         int shared_bytes, size_t sizes[], void *values[], int8_t are_buffers[]) { \
    oriel_kernel_launch launch = {(const char *)state,                                             \
                                  entry,                                                           \
                                  {blocks_x, blocks_y, blocks_z},                                  \
                                  {threads_x, threads_y, threads_z},                               \
                                  shared_bytes,                                                    \
                                  0,                                                               \
                                  NULL};                                                           \
    return launch_kernel(user_context, &launch, sizes, values, are_buffers);                       \
  }
DEFINE_DEVICE(opencl)
DEFINE_DEVICE(cuda)

int halide_copy_to_device(void *user_context, void *buffer, const void *device_interface);
int halide_copy_to_device(void *user_context, void *buffer, const void *device_interface) {
  (void)user_context, (void)buffer, (void)device_interface;
  return 0;
}

int halide_device_malloc(void *user_context, void *buffer, const void *device_interface);
int halide_device_malloc(void *user_context, void *buffer, const void *device_interface) {
  (void)user_context, (void)buffer, (void)device_interface;
  return 0;
}

#pragma GCC visibility pop
