// The code of a small module, as the compiler would emit it: output = exp(input) * parameter.

#include "oriel/module_abi.h"

#include <stddef.h>

enum { SIZE = 32 };

float expf(float x);
void *halide_malloc(void *user_context, size_t bytes);
void halide_free(void *user_context, void *pointer);

static int32_t run(const oriel_call *call) {
  const float *parameters = call->parameters;
  float *scratch = halide_malloc(call->workers, SIZE * sizeof(float));
  for (int32_t b = 0; b < call->batch; ++b) {
    const float *input = (const float *)call->inputs[0] + b * SIZE;
    float *output = (float *)call->outputs[0] + b * SIZE;
    for (int i = 0; i < SIZE; ++i) {
      scratch[i] = expf(input[i]);
    }
    for (int i = 0; i < SIZE; ++i) {
      output[i] = scratch[i] * parameters[i];
    }
  }
  halide_free(call->workers, scratch);
  return 0;
}

static const oriel_kernel_info kernel = {"exp", "elementwise"};
static const oriel_launch_info launch = {.name = "exp", .layer = "head"};
static const oriel_variant variant = {.device = "cpu",
                                      .target = "x86-64-v2",
                                      .required_features = ORIEL_ISA_X86_64_V2,
                                      .batch_min = 1,
                                      .batch_max = 8,
                                      .storage_type = ORIEL_ELEMENT_F32,
                                      .scratch_bytes_per_worker = 256,
                                      .kernel_count = 1,
                                      .launch_count = 1,
                                      .kernels = &kernel,
                                      .launches = &launch,
                                      .run = run};

static const int64_t dims[] = {1, SIZE};
static const oriel_tensor_info input = {"input", ORIEL_ELEMENT_F32, 2, dims};
static const oriel_tensor_info output = {"output", ORIEL_ELEMENT_F32, 2, dims};
static const oriel_signature signature = {
    .input_count = 1, .output_count = 1, .inputs = &input, .outputs = &output, .batch = 1};

#ifndef WITHOUT_DESCRIPTOR
#define DESCRIPTOR oriel_descriptor
#else
#define DESCRIPTOR another_name
#endif

extern const oriel_module_descriptor DESCRIPTOR;
__attribute__((visibility("hidden"))) const oriel_module_descriptor DESCRIPTOR = {
    .abi_version = ORIEL_ABI_VERSION,
    .variant_count = 1,
    .model_name = "exponential",
    .compiler_version = "0.0.0",
    .signature = &signature,
    .variants = &variant,
};

const oriel_module_descriptor *oriel_module_query(uint32_t max_abi_version);
const oriel_module_descriptor *oriel_module_query(uint32_t max_abi_version) {
  return max_abi_version < ORIEL_ABI_VERSION ? NULL : &DESCRIPTOR;
}
