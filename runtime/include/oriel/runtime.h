// The C API of liboriel_runtime.so: load a module that oriel-compile wrote, run it.
//
//   oriel_module *module;
//   oriel_context *context;
//   oriel_error error;
//   if (oriel_module_load("model.so", NULL, &module, &error) != ORIEL_OK ||
//       oriel_context_create(module, NULL, &context, &error) != ORIEL_OK ||
//       oriel_context_run(context, inputs, outputs, &error) != ORIEL_OK)
//     fprintf(stderr, "%s\n", error.message);
//
// Ownership: what a *_load or *_create function gives is the caller's, who gives it back once with
// the matching *_release function; releasing NULL does nothing. Objects keep alive what they need,
// so a module or pool may be released before the contexts made from it. Every pointer that a query
// returns belongs to the object asked and lives as long as it does. Arguments are read during the
// call only, unless a line says otherwise.
//
// Threads: a module and a pool may be used from any number of threads. A context runs one call at a
// time; make as many as wanted. Any function may be called on any thread.
//
// Errors: a function that can fail returns an oriel_status and, where `error` is not NULL, writes
// one line that says what is wrong and what to do. `out` arguments are written on success only.
// Nothing here throws, aborts or writes to a stream.
//
// Option structs begin with their size, so that a newer runtime knows what an older caller set:
// initialise them as `oriel_load_options options = {sizeof options};`. NULL stands for all
// defaults.

#ifndef ORIEL_RUNTIME_H
#define ORIEL_RUNTIME_H

#include "oriel/module_abi.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ORIEL_API __attribute__((visibility("default")))
#else
#define ORIEL_API
#endif

typedef enum oriel_status {
  ORIEL_OK = 0,
  // An argument or option is out of range; nothing was done.
  ORIEL_INVALID_ARGUMENT = 1,
  // The file cannot be opened or read.
  ORIEL_UNREADABLE_FILE = 2,
  // The file is not a module.
  ORIEL_NOT_A_MODULE = 3,
  // The file is a module, but is truncated or was changed after it was written.
  ORIEL_DAMAGED_MODULE = 4,
  // The module was written for a newer runtime.
  ORIEL_UNSUPPORTED_ABI = 5,
  // No variant of the module runs on this processor.
  ORIEL_UNSUPPORTED_CPU = 6,
  // The system refused memory, threads or the mapping of code.
  ORIEL_OUT_OF_RESOURCES = 7,
  // A kernel reported an error; the outputs are undefined.
  ORIEL_KERNEL_FAILED = 8,
  // There is no driver, or no device, of the kind that was asked for.
  ORIEL_NO_DEVICE = 9,
  // The device failed, or was lost, while it ran; the outputs are undefined and the context is good
  // for nothing but to be released. Others, on the processor above all, go on.
  ORIEL_DEVICE_FAILED = 10,
  // With oriel_context_options.check_numerics: an input or a layer's result holds a NaN or an
  // infinity. The run went on to its end.
  ORIEL_NOT_FINITE = 11,
} oriel_status;

typedef struct oriel_error {
  oriel_status status;
  // One line without a line break, never longer than the array, NUL-terminated.
  char message[508];
} oriel_error;

typedef struct oriel_module oriel_module;
typedef struct oriel_context oriel_context;
typedef struct oriel_pool oriel_pool;

// Version of the runtime, such as "0.1.0".
ORIEL_API const char *oriel_runtime_version(void);

//===----------------------------------------------------------------------===//
// Processor
//===----------------------------------------------------------------------===//

// The ORIEL_ISA_* bits of this processor that the operating system lets a program use.
ORIEL_API uint64_t oriel_cpu_features(void);

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

typedef struct oriel_load_options {
  uint32_t struct_size;
  // Not 0: compare the parameter block with its SHA-256 (reads all of it). The code is always
  // compared with its own.
  int32_t verify_parameters;
  // ORIEL_ISA_* bits to treat as missing from this processor.
  uint64_t hidden_features;
  // Not 0: load for the tables alone. Any processor will do, and contexts are refused.
  int32_t inspect_only;
  int32_t reserved;
  // The target (oriel_variant::target) of the only variant to use, such as "x86-64-v3"; NULL leaves
  // the choice to the runtime: the first in the module that processor and batch allow.
  const char *target;
} oriel_load_options;

// Loads the module in the file `path`. The file is checked first (size, hash, ABI version, a
// variant whose instruction set this processor has) and opened as code only if all is well; the
// parameter block is mapped, not read. The file may be renamed or removed while the module is
// loaded, but not written to.
ORIEL_API oriel_status oriel_module_load(const char *path, const oriel_load_options *options,
                                         oriel_module **out, oriel_error *error);
ORIEL_API void oriel_module_release(oriel_module *module);

// The module's tables: signature and all variants.
ORIEL_API const oriel_module_descriptor *oriel_module_describe(const oriel_module *module);

// The variant that a context for `batch` runs on this processor; batch 0 stands for the batch that
// the module was compiled for. NULL if there is none.
ORIEL_API const oriel_variant *oriel_module_variant(const oriel_module *module, int32_t batch);

// The names of the `features` (ORIEL_ISA_*) with commas between, such as "avx512f, avx512bw", cut
// off at `capacity` bytes with the NUL. Returns `text`.
ORIEL_API const char *oriel_feature_names(uint64_t features, char *text, uint64_t capacity);

//===----------------------------------------------------------------------===//
// Thread pools
//===----------------------------------------------------------------------===//

typedef struct oriel_pool_options {
  uint32_t struct_size;
  // Threads that compute at once, the callers of oriel_context_run among them; 0 stands for the
  // processors this process may use.
  int32_t threads;
  // Not 0: keep each thread that the pool makes on a processor of its own (the first of the allowed
  // ones is left to the caller).
  int32_t pin_threads;
  int32_t reserved;
} oriel_pool_options;

// A pool for contexts to share. Contexts that name none share one pool per process, made with the
// first and ended with the last of them. The pool's own threads help a run only as far as the
// callers within a run leave processors free, so several contexts at once do not crowd the machine.
ORIEL_API oriel_status oriel_pool_create(const oriel_pool_options *options, oriel_pool **out,
                                         oriel_error *error);
ORIEL_API void oriel_pool_release(oriel_pool *pool);

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

typedef struct oriel_context_options {
  uint32_t struct_size;
  // Items of every run; 0 stands for the batch that the module was compiled for.
  int32_t batch;
  // Threads that one run may use; 0 stands for all of the pool's. More than the pool has are not
  // used. A run with 1 stays on the calling thread.
  int32_t threads;
  // Not 0: measure every run, see oriel_context_profile. Without it a run reads no clock.
  int32_t profile;
  // The pool to use; NULL stands for the shared one.
  oriel_pool *pool;
  // The caller's own pool instead: parallel_for(parallel_for_pool, ...) must keep to what
  // oriel_parallel_for_fn says, for workers [0, threads); `threads` is then required. Both must
  // stay valid as long as the context.
  oriel_parallel_for_fn parallel_for;
  void *parallel_for_pool;
  // Called around every launch, in each slice of the batch, see oriel_call; may be NULL.
  void (*launch_begin)(void *hook_arg, int32_t launch);
  void (*launch_end)(void *hook_arg, int32_t launch);
  void *hook_arg;
  // The device to run on: "cpu", "cuda" or "opencl", for which the module must have a variant.
  // NULL: the processor where the module has a variant for it, else what it has one for. On a
  // device other than the processor a run stays on the calling thread and a context has arena,
  // inputs and outputs in the device's memory, its module the parameters: a run copies inputs in
  // and outputs out. With hooks every launch is waited for.
  const char *device;
  // Not 0: look after each launch at what it stored for NaN and infinity, see
  // oriel_context_nonfinite.
  int32_t check_numerics;
  // Not 0, on the device cuda: inputs and outputs of runs lie in the device's memory, in the
  // primary context of the first device (that of the CUDA runtime and PyTorch).
  int32_t on_device;
  // A stream of that device (CUstream, cudaStream_t) to put runs on; NULL: one of the context's
  // own. A run with on_device and a stream is put there and not waited for, so its inputs and
  // outputs are the stream's until it has come past them; an error of the device may show later
  // only.
  void *stream;
  // Items that launches compute at once: a run takes its batch in slices of so many, which must
  // divide it, all in one arena. 0 leaves the choice to the runtime: as many as the caches of the
  // threads are taken to hold; on a device other than the processor all. Where an item lies in its
  // slice may change the rounding of its results.
  int32_t slice;
  int32_t reserved;
} oriel_context_options;

// Makes a context: the workspace for one run at a time. All memory is allocated here; a run
// allocates none.
ORIEL_API oriel_status oriel_context_create(oriel_module *module,
                                            const oriel_context_options *options,
                                            oriel_context **out, oriel_error *error);
ORIEL_API void oriel_context_release(oriel_context *context);

// The variant that the context runs.
ORIEL_API const oriel_variant *oriel_context_variant(const oriel_context *context);

// The batch and the number of threads that the context was made with.
ORIEL_API int32_t oriel_context_batch(const oriel_context *context);
ORIEL_API int32_t oriel_context_threads(const oriel_context *context);

// Items that launches compute at once, a divisor of the batch: see oriel_context_options.slice.
ORIEL_API int32_t oriel_context_slice(const oriel_context *context);

// Bytes of workspace (arena and scratch; on a device arena, inputs and outputs) that the context
// holds.
ORIEL_API uint64_t oriel_context_workspace_bytes(const oriel_context *context);

// Runs the model once. inputs[i] and outputs[i] point to dense row-major tensors of the signature's
// shapes with the context's batch in dimension 0, aligned as their element type is; they must not
// overlap. The same inputs give the same bits whatever the number of other contexts and, in slices
// of one size, of threads.
ORIEL_API oriel_status oriel_context_run(oriel_context *context, const void *const *inputs,
                                         void *const *outputs, oriel_error *error);

// Runs one launch of the variant's launch table alone, `repeats` times one after the other, on what
// the context's runs have left in its arena; to time it. The context must have run. It computes one
// slice, the first items of `inputs` and `outputs`. Later launches have overwritten what early ones
// read: to give launch n what the model gives it, run 0 to n - 1 first, in order; n itself then
// reads the same every time. `inputs` and `outputs` are as for oriel_context_run, but on a device
// those of its last run are used, and not copied. Hooks are called; oriel_context_profile holds
// nothing of use.
ORIEL_API oriel_status oriel_context_run_launch(oriel_context *context, int32_t launch,
                                                int32_t repeats, const void *const *inputs,
                                                void *const *outputs, oriel_error *error);

//===----------------------------------------------------------------------===//
// Profile
//===----------------------------------------------------------------------===//

// Nanoseconds of CLOCK_MONOTONIC.
typedef struct oriel_span {
  uint64_t begin_ns;
  uint64_t end_ns;
} oriel_span;

// When what happened in one run. Launches stand in the order of the variant's launch table, which
// says what each is, slice after slice of the batch; their spans do not overlap.
typedef struct oriel_profile {
  // The whole run; on a device without the copies of inputs and outputs.
  oriel_span run;
  int32_t launch_count;
  int32_t worker_count;
  // launches[s * launch_count + l]: launch l in slice s.
  const oriel_span *launches;
  // workers[(s * worker_count + w) * launch_count + l]: from the first task of launch l in slice s
  // on worker w to the end of its last; zeros where the worker had none. A launch without loops
  // stands on worker 0.
  const oriel_span *workers;
  int32_t slice_count;
  int32_t reserved;
} oriel_profile;

// The times of the context's last run, to be asked for after each; the next run overwrites them. A
// run that failed has zeros where it did not come. NULL where the context was made without
// oriel_context_options.profile.
ORIEL_API const oriel_profile *oriel_context_profile(const oriel_context *context);

//===----------------------------------------------------------------------===//
// What layers store
//===----------------------------------------------------------------------===//

// Copies what launch `launch` of the variant's launch table stored as its store `store` to
// `values`, as float32, dense and row-major with the context's slice in dimension 0. To be called
// by the hook launch_end of this launch: later ones use the memory again. With a slice that is the
// batch, a hook sees all items at once.
ORIEL_API oriel_status oriel_context_read_store(oriel_context *context, int32_t launch,
                                                int32_t store, float *values, oriel_error *error);

// Where an item of a batch first stopped being finite.
typedef struct oriel_nonfinite {
  // Position in the launch table of the launch that stored it, and which of its stores; -1 and
  // which input where an input holds it.
  int32_t launch;
  int32_t tensor;
  // Position among the item's elements, in row-major order, and the value.
  int64_t element;
  float value;
  // One line that names the launch's layers, its anchor's first.
  char message[496];
} oriel_nonfinite;

// What the last run, of a context made with check_numerics, found for an item of its batch; NULL
// where all was finite.
ORIEL_API const oriel_nonfinite *oriel_context_nonfinite(const oriel_context *context,
                                                         int32_t item);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // ORIEL_RUNTIME_H
