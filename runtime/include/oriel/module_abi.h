// The contract between a compiled module and the runtime that loads it.
//
// oriel-compile writes a module as one ELF shared object, liboriel_runtime.so loads it; both sides
// include this file and nothing else of each other. It is plain C11, depends on nothing but
// stdint.h and, like a file format, is versioned: a change that an older reader would misread
// raises ORIEL_ABI_VERSION. Version 0 may change without notice.
//
// A module file is
//
//   [ ELF shared object ][ zeros up to a page ][ parameter block ]
//   0                    elf_size              parameter_offset   file_size
//
// The ELF part holds the code, one exported symbol (oriel_module_query) and a note
// (oriel_module_note) with all that has to be known before the file is opened as code.
//
// Modelled on iree-org/iree:runtime/src/iree/hal/local/executable_library.h.

#ifndef ORIEL_MODULE_ABI_H
#define ORIEL_MODULE_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ORIEL_ABI_VERSION 0u

// Required alignment of the arena, of every worker's scratch and of every block that halide_malloc
// returns, in bytes: one AVX-512 register, one cache line.
#define ORIEL_WORKSPACE_ALIGNMENT 64

// Alignment of the parameter block in the file and in memory, in bytes.
#define ORIEL_PARAMETER_ALIGNMENT 4096

//===----------------------------------------------------------------------===//
// Instruction set
//===----------------------------------------------------------------------===//

// X(NAME, bit, "the feature's name in LLVM"). A bit never changes its meaning.
// Bits 0-8 are what x86-64-v2 adds to x86-64, 9-16 what v3 adds to v2, 17-21 what v4 adds to v3
// (System V psABI, x86-64 micro-architecture levels; OSXSAVE is implied by AVX here).
#define ORIEL_ISA_FEATURES(X)                                                                      \
  X(CX16, 0, "cx16")                                                                               \
  X(SAHF, 1, "sahf")                                                                               \
  X(POPCNT, 2, "popcnt")                                                                           \
  X(SSE3, 3, "sse3")                                                                               \
  X(SSSE3, 4, "ssse3")                                                                             \
  X(SSE4_1, 5, "sse4.1")                                                                           \
  X(SSE4_2, 6, "sse4.2")                                                                           \
  X(AVX, 9, "avx")                                                                                 \
  X(AVX2, 10, "avx2")                                                                              \
  X(BMI, 11, "bmi")                                                                                \
  X(BMI2, 12, "bmi2")                                                                              \
  X(F16C, 13, "f16c")                                                                              \
  X(FMA, 14, "fma")                                                                                \
  X(LZCNT, 15, "lzcnt")                                                                            \
  X(MOVBE, 16, "movbe")                                                                            \
  X(AVX512F, 17, "avx512f")                                                                        \
  X(AVX512BW, 18, "avx512bw")                                                                      \
  X(AVX512CD, 19, "avx512cd")                                                                      \
  X(AVX512DQ, 20, "avx512dq")                                                                      \
  X(AVX512VL, 21, "avx512vl")                                                                      \
  X(AVX512VNNI, 22, "avx512vnni")                                                                  \
  X(AVX512BF16, 23, "avx512bf16")                                                                  \
  X(AVX512FP16, 24, "avx512fp16")                                                                  \
  X(AMX_TILE, 25, "amx-tile")                                                                      \
  X(AMX_INT8, 26, "amx-int8")                                                                      \
  X(AMX_BF16, 27, "amx-bf16")

#define ORIEL_ISA_BIT(name, bit, llvm_name) ORIEL_ISA_##name = 1 << (bit),
enum { ORIEL_ISA_FEATURES(ORIEL_ISA_BIT) };
#undef ORIEL_ISA_BIT

#define ORIEL_ISA_X86_64_V2                                                                        \
  ((uint64_t)(ORIEL_ISA_CX16 | ORIEL_ISA_SAHF | ORIEL_ISA_POPCNT | ORIEL_ISA_SSE3 |                \
              ORIEL_ISA_SSSE3 | ORIEL_ISA_SSE4_1 | ORIEL_ISA_SSE4_2))
#define ORIEL_ISA_X86_64_V3                                                                        \
  (ORIEL_ISA_X86_64_V2 |                                                                           \
   (uint64_t)(ORIEL_ISA_AVX | ORIEL_ISA_AVX2 | ORIEL_ISA_BMI | ORIEL_ISA_BMI2 | ORIEL_ISA_F16C |   \
              ORIEL_ISA_FMA | ORIEL_ISA_LZCNT | ORIEL_ISA_MOVBE))
#define ORIEL_ISA_X86_64_V4                                                                        \
  (ORIEL_ISA_X86_64_V3 | (uint64_t)(ORIEL_ISA_AVX512F | ORIEL_ISA_AVX512BW | ORIEL_ISA_AVX512CD |  \
                                    ORIEL_ISA_AVX512DQ | ORIEL_ISA_AVX512VL))

//===----------------------------------------------------------------------===//
// The note: read from the file, before any of it is code
//===----------------------------------------------------------------------===//

// Section, owner name and type of the ELF note that holds an oriel_module_note. The note lies in a
// PT_NOTE segment: 12 bytes {namesz = 6, descsz = sizeof(oriel_module_note), type}, the name padded
// to 8 bytes, the descriptor; 4-byte aligned, so the descriptor is to be copied, not pointed at.
#define ORIEL_NOTE_SECTION ".note.oriel"
#define ORIEL_NOTE_NAME "Oriel"
#define ORIEL_NOTE_TYPE 1u
#define ORIEL_NOTE_HEADER_SIZE 20u

// Variants that a note can list.
#define ORIEL_MAX_VARIANTS 8

typedef struct oriel_note_variant {
  // As in the oriel_variant.
  uint64_t required_features;
  // NUL-terminated.
  char target[32];
} oriel_note_variant;

// Little-endian, no implicit padding. The compiler emits it as zeros and fills it in once the file
// is complete (oriel::sealModule in runtime/format/ModuleWriter.h).
typedef struct oriel_module_note {
  // ORIEL_ABI_VERSION of the compiler. First in every version: a reader looks at nothing else
  // before it knows the version.
  uint32_t abi_version;
  // sizeof(oriel_module_note).
  uint32_t note_size;
  // Bytes of the whole file: parameter_offset + parameter_size.
  uint64_t file_size;
  // Bytes of the ELF part, 0 < elf_size <= parameter_offset.
  uint64_t elf_size;
  // A multiple of ORIEL_PARAMETER_ALIGNMENT; the bytes between elf_size and it are zero.
  uint64_t parameter_offset;
  // Bytes of the parameter block; 0 for a model without parameters.
  uint64_t parameter_size;
  // The module's variants in their order; at least 1, at most ORIEL_MAX_VARIANTS. Zeros follow.
  uint32_t variant_count;
  uint32_t reserved;
  oriel_note_variant variants[ORIEL_MAX_VARIANTS];
  // SHA-256 of the parameter block.
  uint8_t parameter_sha256[32];
  // SHA-256 of file bytes [0, elf_size) with these 32 bytes themselves taken as zero. It covers the
  // rest of the note, and through parameter_sha256 the parameters.
  uint8_t elf_sha256[32];
} oriel_module_note;

//===----------------------------------------------------------------------===//
// Signature
//===----------------------------------------------------------------------===//

// A reader refuses a module with an element type that it does not know. Inputs and outputs are of
// F32 or U8; a variant's own memory holds F32 or F16 (IEEE 754 binary16).
enum {
  ORIEL_ELEMENT_F32 = 1,
  ORIEL_ELEMENT_U8 = 2,
  ORIEL_ELEMENT_F16 = 3,
};

typedef struct oriel_tensor_info {
  // Name for messages, such as "input" or "logits".
  const char *name;
  // ORIEL_ELEMENT_*.
  int32_t element_type;
  // Number of dimensions, at least 1.
  int32_t rank;
  // Dimension 0 is the batch and stands as 1 here. Memory is dense and row-major, so a run at batch
  // b reads or writes b * dims[1] * ... * dims[rank-1] elements.
  const int64_t *dims;
} oriel_tensor_info;

enum {
  ORIEL_INTERPOLATION_BILINEAR = 1,
  ORIEL_INTERPOLATION_BICUBIC = 2,
};

// How an RGB image becomes the first input, as timm evaluates: the shorter side resized to
// floor(size / crop_pct) with antialiasing, the centre cropped, values / 255, then (x - mean) /
// std: float32 [B, 3, height, width]. Where the first input is of ORIEL_ELEMENT_U8, [B, height,
// width, 3] with red first, it is the crop, and the model does the rest.
typedef struct oriel_image_preprocessing {
  int32_t height;
  int32_t width;
  double mean[3];
  double std[3];
  double crop_pct;
  // ORIEL_INTERPOLATION_*.
  int32_t interpolation;
  int32_t reserved;
} oriel_image_preprocessing;

typedef struct oriel_signature {
  int32_t input_count;
  int32_t output_count;
  const oriel_tensor_info *inputs;
  const oriel_tensor_info *outputs;
  // The batch that the model was compiled for; a context has it unless told otherwise.
  int32_t batch;
  // Number of class names; 0 where the model has none.
  int32_t class_count;
  const char *const *class_names;
  // NULL where the first input is not an image.
  const oriel_image_preprocessing *preprocessing;
} oriel_signature;

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

typedef struct oriel_call oriel_call;

// One argument of a device kernel.
typedef struct oriel_kernel_argument {
  // Of a buffer: its address, made from the pointers of the call (on some devices a number that is
  // no address of the processor's). Else a scalar's `size` bytes.
  const void *data;
  // Of a buffer: the bytes from `data` on that the kernel may touch.
  uint64_t size;
  int32_t is_buffer;
  int32_t reserved;
} oriel_kernel_argument;

// The launch of a device kernel, in a grid of `blocks` blocks of `threads` threads.
typedef struct oriel_kernel_launch {
  // NUL-terminated text for the device (OpenCL C, PTX) that defines `entry`. While the module is
  // loaded, the same address is the same text.
  const char *source;
  const char *entry;
  int32_t blocks[3];
  int32_t threads[3];
  // Memory that the threads of a block share, its size not being part of the source.
  int32_t shared_bytes;
  int32_t argument_count;
  const oriel_kernel_argument *arguments;
} oriel_kernel_launch;

// One of the worker_count workers of a call. A kernel gets the worker it runs on as its
// `user_context`; no two threads ever use one worker at the same time. One cache line each.
typedef struct oriel_worker {
  const oriel_call *call;
  // Base of this worker's scratch, aligned to ORIEL_WORKSPACE_ALIGNMENT; 64 bytes after its end
  // are readable.
  uint8_t *scratch;
  uint64_t scratch_size;
  // State of the bump allocator (halide_malloc). 0 before a run.
  uint64_t scratch_used;
  uint64_t scratch_top;
  // Position of this worker in call->workers.
  int32_t index;
  int32_t reserved_index;
  uint64_t reserved[2];
} oriel_worker;

// Task `index` of a loop, on worker `worker`. Returns 0, or a code that ends the loop.
typedef int32_t (*oriel_task_fn)(void *arg, int32_t index, int32_t worker);

// Calls task(arg, i, w) once for every i in [0, count), with w in [0, workers of the call) and no
// two tasks on one w at the same time, and returns when all have ended: 0, or the code of one that
// failed (the others may then be left out). Worker 0 need not be the calling thread. Loops do not
// nest.
typedef int32_t (*oriel_parallel_for_fn)(void *pool, int32_t count, oriel_task_fn task, void *arg);

// What the runtime hands to `run`. All pointers stay valid and unchanged until `run` returns.
struct oriel_call {
  // sizeof(oriel_call) of the runtime.
  uint32_t struct_size;
  // Number of items in every input and output, within the variant's batch range: those of a slice,
  // where the runtime takes a batch in slices.
  int32_t batch;
  // One pointer for each of the signature's inputs and outputs, aligned as the element type is and
  // no more. Inputs and outputs do not overlap.
  const void *const *inputs;
  void *const *outputs;
  // The parameter block, page-aligned, read-only, shared by all threads.
  const void *parameters;
  // arena_fixed_bytes + batch * arena_bytes_per_item bytes, zero when the context was made and kept
  // from run to run.
  void *arena;
  // worker_count workers. `run` itself runs on workers[0].
  oriel_worker *workers;
  int32_t worker_count;
  int32_t reserved;
  // Runs a loop on the workers. Not to be called where worker_count is 1.
  oriel_parallel_for_fn parallel_for;
  void *pool;
  // Takes the text of an error (copied); the first of a run is kept, and a run with an error fails
  // whatever `run` returns. Callable from every worker.
  void (*report_error)(void *error_sink, const char *message);
  // Memory for a kernel that asks for more than its scratch: an error of the compiler, reported as
  // such, but one that must not become a wild store, as kernels do not check for NULL. At least
  // `bytes` bytes that live until the run ends. Callable from every worker.
  void *(*overflow_scratch)(void *error_sink, uint64_t bytes);
  void *error_sink;
  // Called on worker 0 before and after every launch with its position in the launch table; either
  // may be NULL.
  void (*launch_begin)(void *hook_arg, int32_t launch);
  void (*launch_end)(void *hook_arg, int32_t launch);
  void *hook_arg;
  // Of a variant for a device other than the processor, else NULL: puts a kernel behind those that
  // were launched before on the device's queue, and does not wait for it. Arena, parameters, inputs
  // and outputs are then addresses of the device. Returns 0, or another value after having given
  // report_error a text. Called on worker 0.
  int32_t (*launch_kernel)(void *device_queue, const oriel_kernel_launch *launch);
  void *device_queue;
};

//===----------------------------------------------------------------------===//
// Variants
//===----------------------------------------------------------------------===//

typedef struct oriel_kernel_info {
  // The kernel's name, unique in the variant.
  const char *name;
  // "gemm", "conv", "depthwise", "attention", "row-reduction", "elementwise".
  const char *family;
} oriel_kernel_info;

enum {
  // The launch computes nothing: it only moves or reorders data.
  ORIEL_LAUNCH_MOVES_ONLY = 1,
};

// One tensor that a launch computes in float32 and stores.
typedef struct oriel_store_info {
  // Full name of the layer whose result it is; "" where it is no layer's.
  const char *layer;
  // Which output of the model it is, dense in the caller's memory; -1: it lies in the arena.
  int32_t output;
  int32_t rank;
  // Dimension 0 is the batch and stands as 1 here.
  const int64_t *dims;
  // In the arena, from the end of the launch until a later launch overwrites it: element (b, i, j,
  // ...) at byte arena_bytes + arena_bytes_per_item * batch + size * (b * strides[0] + i *
  // strides[1] + ...), size being that of an element. Of an output 0, and strides those of a dense
  // tensor.
  const int64_t *strides;
  uint64_t arena_bytes;
  uint64_t arena_bytes_per_item;
  // ORIEL_ELEMENT_F32 or ORIEL_ELEMENT_F16.
  int32_t element_type;
  int32_t reserved;
} oriel_store_info;

typedef struct oriel_launch_info {
  // Unique in the variant.
  const char *name;
  // Full name of the layer of the launch's anchor, such as "layers.0.blocks.1.attn".
  const char *layer;
  // Position in the kernel table.
  int32_t kernel;
  // ORIEL_LAUNCH_*.
  uint32_t flags;
  // Floating-point operations for each batch item; a multiply-add is two.
  int64_t flops_per_item;
  // Bytes of activations read and written for each batch item, and of parameters read once.
  int64_t bytes_per_item;
  int64_t parameter_bytes;
  // Full names of all layers that the launch computes, or parts of them; `layer` is the first.
  int32_t layer_count;
  int32_t store_count;
  const char *const *layers;
  const oriel_store_info *stores;
} oriel_launch_info;

// One compilation of the model: for one device, one instruction set and a range of batches.
typedef struct oriel_variant {
  // "cpu"; "opencl": kernels are OpenCL C; "cuda": PTX. Variants for the processor come first.
  const char *device;
  // As oriel-compile's --target names it, such as "x86-64-v3"; unique in the module.
  const char *target;
  // ORIEL_ISA_* that code generation was allowed to use; of another device, in the code that
  // launches its kernels: none.
  uint64_t required_features;
  // The batches it runs: batch_min <= batch <= batch_max.
  int32_t batch_min;
  int32_t batch_max;
  // What arena and parameter block hold, ORIEL_ELEMENT_F32 or ORIEL_ELEMENT_F16: a device must be
  // able to load and store such. All arithmetic is of float32.
  int32_t storage_type;
  int32_t reserved;
  // The arena of a call: arena_fixed_bytes + batch * arena_bytes_per_item.
  uint64_t arena_fixed_bytes;
  uint64_t arena_bytes_per_item;
  // Scratch of each worker, with what the allocator adds (compiler/Target/KernelShims.h).
  uint64_t scratch_bytes_per_worker;
  // What the near cache of a worker is taken to hold of the arena. The runtime may run a batch in
  // slices, one after the other in the same arena, so that what a launch stores is still near when
  // the next one reads it. 0: it is better run as a whole.
  uint64_t cache_bytes_per_worker;
  int32_t kernel_count;
  int32_t launch_count;
  const oriel_kernel_info *kernels;
  // In the order of execution.
  const oriel_launch_info *launches;
  // Called once for each context, before its first run, with inputs and outputs NULL: zeroes the
  // halos that convolutions read and that no launch writes. May be NULL. Returns as `run` does.
  int32_t (*prepare_workspace)(const oriel_call *call);
  // Runs the model once. Reentrant: all its state is in the call. Returns 0, or another value on
  // failure, with a text given to report_error.
  int32_t (*run)(const oriel_call *call);
  // Runs the launch at a position of the launch table, as `run` does: the same code on the same
  // addresses, between the hooks. A launch stores nowhere where it reads; those after it may have
  // stored there, `run` has left it so. NULL where the module only runs whole. Returns as `run`
  // does.
  int32_t (*run_launch)(const oriel_call *call, int32_t launch);
} oriel_variant;

//===----------------------------------------------------------------------===//
// Module
//===----------------------------------------------------------------------===//

typedef struct oriel_module_descriptor {
  // As in the note.
  uint32_t abi_version;
  int32_t variant_count;
  // Zoo name of the model.
  const char *model_name;
  // Version of oriel-compile, such as "0.1.0".
  const char *compiler_version;
  const oriel_signature *signature;
  // As in the note.
  uint64_t parameter_size;
  uint8_t parameter_sha256[32];
  // Most demanding first: the runtime takes the first that the machine and the batch allow.
  const oriel_variant *variants;
} oriel_module_descriptor;

// The one exported symbol of a module. Returns NULL if the module's ABI version is newer than
// max_abi_version. What it returns lives as long as the module is loaded. Compiled for the
// architecture's baseline, as it is called on any processor to inspect a module.
typedef const oriel_module_descriptor *(*oriel_module_query_fn)(uint32_t max_abi_version);
#define ORIEL_MODULE_QUERY_SYMBOL "oriel_module_query"

#ifdef __cplusplus
} // extern "C"
#endif

#endif // ORIEL_MODULE_ABI_H
