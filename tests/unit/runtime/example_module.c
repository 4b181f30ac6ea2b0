// A hand-written module: what oriel-compile writes, in C, linked with the same kernel shims.
//
// One linear layer on the values of a 3 x 8 x 8 image, logits[b][o] = sum over i of weight[o][i] *
// input[b][i], as one launch with a parallel loop over b and o that copies the input row to scratch
// first, and a second launch that takes the largest logit from each row's logits. Between them lies
// a buffer with a halo of one element, zeroed by prepare_workspace.
//
// input[b][0] asks for faults: -1000 makes a kernel report an error, -2000 makes one ask for more
// scratch than it has, -3000 makes one fail without a text.

#include "oriel/module_abi.h"

#include <stddef.h>
#include <string.h>

enum { SIDE = 8, CHANNELS = 3 * SIDE * SIDE, CLASSES = 16, PITCH = CLASSES + 1, MAX_BATCH = 8 };

// compiler/Target/KernelShims.c.
#pragma GCC visibility push(hidden)
void halide_error(void *user_context, const char *message);
int halide_error_bad_fold(void *user_context, const char *func_name, const char *var_name,
                          const char *loop_name);
void *halide_malloc(void *user_context, size_t bytes);
void halide_free(void *user_context, void *pointer);
int halide_do_par_for(void *user_context, int (*task)(void *, int, uint8_t *), int min, int size,
                      uint8_t *closure);
#pragma GCC visibility pop

// The note as the linker sees it; sealModule fills in the descriptor.
__attribute__((section(ORIEL_NOTE_SECTION), aligned(4), used)) static const struct {
  uint32_t name_size, descriptor_size, type;
  char name[8];
  uint8_t descriptor[sizeof(oriel_module_note)];
} note = {sizeof ORIEL_NOTE_NAME, sizeof(oriel_module_note), ORIEL_NOTE_TYPE, ORIEL_NOTE_NAME, {0}};

typedef struct {
  const float *input;
  const float *weight;
  // [batch][PITCH], the first element of each row is the halo.
  float *logits;
} linear_arguments;

static int find_fault(void *user_context, float request) {
  if (request == -1000.0f) {
    return halide_error_bad_fold(user_context, "input", "x", "y");
  }
  if (request == -2000.0f) {
    float *block = halide_malloc(user_context, 1 << 20);
    memset(block, 0xff, 1 << 20);
    halide_free(user_context, block);
  }
  return request == -3000.0f ? 7 : 0;
}

static int linear_task(void *user_context, int index, uint8_t *closure) {
  const linear_arguments *arguments = (const linear_arguments *)(void *)closure;
  int item = index / CLASSES, output = index % CLASSES;
  // Freed out of order, as Halide does.
  float *unused = halide_malloc(user_context, sizeof(float));
  float *row = halide_malloc(user_context, CHANNELS * sizeof(float));
  memcpy(row, arguments->input + item * CHANNELS, CHANNELS * sizeof(float));
  halide_free(user_context, unused);
  float sum = 0;
  for (int i = 0; i < CHANNELS; ++i) {
    sum += arguments->weight[output * CHANNELS + i] * row[i];
  }
  arguments->logits[item * PITCH + 1 + output] = sum;
  int result = find_fault(user_context, row[0]);
  halide_free(user_context, row);
  return result;
}

// Centres each row: subtracts its largest logit, the halo's zero among them.
static void centre(const oriel_call *call) {
  const float *logits = call->arena;
  for (int item = 0; item < call->batch; ++item, logits += PITCH) {
    float largest = logits[0];
    for (int i = 1; i < PITCH; ++i) {
      largest = logits[i] > largest ? logits[i] : largest;
    }
    for (int i = 0; i < CLASSES; ++i) {
      ((float *)call->outputs[0])[item * CLASSES + i] = logits[1 + i] - largest;
    }
  }
}

static int32_t run_launch(const oriel_call *call, int32_t launch) {
  void *user_context = &call->workers[0];
  linear_arguments arguments = {call->inputs[0], call->parameters, call->arena};
  int result = 0;
  if (call->launch_begin) {
    call->launch_begin(call->hook_arg, launch);
  }
  if (launch == 0) {
    result = halide_do_par_for(user_context, linear_task, 0, call->batch * CLASSES,
                               (uint8_t *)&arguments);
  } else {
    centre(call);
  }
  if (result == 0 && call->launch_end) {
    call->launch_end(call->hook_arg, launch);
  }
  return result;
}

static int32_t run(const oriel_call *call) {
  int result = run_launch(call, 0);
  return result == 0 ? run_launch(call, 1) : result;
}

static int32_t prepare_workspace(const oriel_call *call) {
  float *logits = call->arena;
  for (int item = 0; item < call->batch; ++item) {
    logits[item * PITCH] = 0.0f;
  }
  return 0;
}

static const oriel_kernel_info kernels[] = {{"linear", "gemm"}, {"centre", "row-reduction"}};
static const char *const linear_layers[] = {"head.fc", "head.bias"};
static const char *const centre_layers[] = {"head.centre"};
static const int64_t logits_dims[] = {1, CLASSES};
static const int64_t padded_strides[] = {PITCH, 1};
static const int64_t dense_strides[] = {CLASSES, 1};
// The arena holds a halo of one element before each row.
static const oriel_store_info linear_store = {.layer = "head.bias",
                                              .output = -1,
                                              .rank = 2,
                                              .dims = logits_dims,
                                              .strides = padded_strides,
                                              .arena_bytes = 4,
                                              .element_type = ORIEL_ELEMENT_F32};
static const oriel_store_info centre_store = {.layer = "head.centre",
                                              .output = 0,
                                              .rank = 2,
                                              .dims = logits_dims,
                                              .strides = dense_strides,
                                              .element_type = ORIEL_ELEMENT_F32};
static const oriel_launch_info launches[] = {
    {.name = "linear_0",
     .layer = "head.fc",
     .kernel = 0,
     .flops_per_item = 2 * CHANNELS * CLASSES,
     .bytes_per_item = 4 * (CHANNELS + CLASSES),
     .parameter_bytes = 4 * CHANNELS * CLASSES,
     .layer_count = 2,
     .store_count = 1,
     .layers = linear_layers,
     .stores = &linear_store},
    {.name = "centre_0",
     .layer = "head.centre",
     .kernel = 1,
     .flops_per_item = CLASSES,
     .bytes_per_item = 8 * CLASSES,
     .layer_count = 1,
     .store_count = 1,
     .layers = centre_layers,
     .stores = &centre_store},
};

#define EXAMPLE_VARIANT(target_name, features)                                                     \
  {.device = "cpu",                                                                                \
   .target = target_name,                                                                          \
   .required_features = features,                                                                  \
   .batch_min = 1,                                                                                 \
   .batch_max = MAX_BATCH,                                                                         \
   .storage_type = ORIEL_ELEMENT_F32,                                                              \
   .arena_bytes_per_item = 4 * PITCH,                                                              \
   .scratch_bytes_per_worker = (64 + 64) + (64 + 4 * CHANNELS),                                    \
   .cache_bytes_per_worker = 2 * 4 * PITCH,                                                        \
   .kernel_count = 2,                                                                              \
   .launch_count = 2,                                                                              \
   .kernels = kernels,                                                                             \
   .launches = launches,                                                                           \
   .prepare_workspace = prepare_workspace,                                                         \
   .run = run,                                                                                     \
   .run_launch = run_launch}
static const oriel_variant variants[] = {
    EXAMPLE_VARIANT("x86-64-v3", ORIEL_ISA_X86_64_V3),
    EXAMPLE_VARIANT("x86-64-v2", ORIEL_ISA_X86_64_V2),
};

static const int64_t input_dims[] = {1, 3, SIDE, SIDE}, output_dims[] = {1, CLASSES};
static const oriel_tensor_info input = {"input", ORIEL_ELEMENT_F32, 4, input_dims};
static const oriel_tensor_info output = {"logits", ORIEL_ELEMENT_F32, 2, output_dims};
static const oriel_image_preprocessing preprocessing = {.height = SIDE,
                                                        .width = SIDE,
                                                        .mean = {0.5, 0.25, 0.125},
                                                        .std = {0.5, 0.25, 1.0},
                                                        .crop_pct = 0.875,
                                                        .interpolation =
                                                            ORIEL_INTERPOLATION_BICUBIC};
static const char *const class_names[CLASSES] = {
    "alpha", "beta",  "gamma",  "delta", "epsilon", "zeta", "eta",     "theta",
    "iota",  "kappa", "lambda", "mu",    "nu",      "xi",   "omicron", "pi"};
static const oriel_signature signature = {.input_count = 1,
                                          .output_count = 1,
                                          .inputs = &input,
                                          .outputs = &output,
                                          .batch = 2,
                                          .class_count = CLASSES,
                                          .class_names = class_names,
                                          .preprocessing = &preprocessing};

static const oriel_module_descriptor descriptor = {
    .abi_version = ORIEL_ABI_VERSION,
    .variant_count = 2,
    .model_name = "example",
    .compiler_version = "0.0.0",
    .signature = &signature,
    .parameter_size = 4 * CHANNELS * CLASSES,
    // Of weight[o][i] = ((7 o + 3 i) mod 11 - 5) / 8, see ExampleModule.cpp.
    .parameter_sha256 = {0x66, 0xdf, 0x25, 0xaa, 0xe7, 0xa1, 0x4e, 0xac, 0x36, 0xf0, 0x4f,
                         0x5d, 0x5c, 0x03, 0x6a, 0x1d, 0xd7, 0x2b, 0x93, 0x10, 0x51, 0x1d,
                         0x3e, 0x36, 0x36, 0xf7, 0x78, 0x3e, 0xbb, 0xbf, 0x75, 0x19},
    .variants = variants,
};

__attribute__((visibility("default"))) const oriel_module_descriptor *
oriel_module_query(uint32_t max_abi_version);
const oriel_module_descriptor *oriel_module_query(uint32_t max_abi_version) {
  return max_abi_version < ORIEL_ABI_VERSION ? NULL : &descriptor;
}
