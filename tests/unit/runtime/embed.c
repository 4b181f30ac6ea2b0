// How a C program embeds a compiled model: load, make a context, run, release.
//
//   cc -std=c11 embed.c -loriel_runtime -o embed
//   ./embed model.so
//
// Prints the class with the largest logit for an image that is grey all over.

#include "oriel/runtime.h"

#include <stdio.h>
#include <stdlib.h>

// Number of elements of a tensor at `batch` items.
static size_t count_elements(const oriel_tensor_info *tensor, int batch) {
  size_t count = (size_t)batch;
  for (int i = 1; i < tensor->rank; ++i) {
    count *= (size_t)tensor->dims[i];
  }
  return count;
}

static int fail(const oriel_error *error) {
  fprintf(stderr, "embed: %s\n", error->message);
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: embed MODEL.so\n");
    return 2;
  }
  oriel_error error;
  oriel_module *module;
  if (oriel_module_load(argv[1], NULL, &module, &error) != ORIEL_OK) {
    return fail(&error);
  }
  // One context for each thread that runs the model; the module is shared.
  oriel_context *context;
  if (oriel_context_create(module, NULL, &context, &error) != ORIEL_OK) {
    return fail(&error);
  }
  const oriel_signature *signature = oriel_module_describe(module)->signature;
  size_t input_count = count_elements(&signature->inputs[0], oriel_context_batch(context));
  size_t output_count = count_elements(&signature->outputs[0], oriel_context_batch(context));
  float *image = malloc(input_count * sizeof(float));
  float *logits = malloc(output_count * sizeof(float));
  if (!image || !logits) {
    return EXIT_FAILURE;
  }
  for (size_t i = 0; i < input_count; ++i) {
    image[i] = 0.5f;
  }
  if (oriel_context_run(context, (const void *[]){image}, (void *[]){logits}, &error) != ORIEL_OK) {
    return fail(&error);
  }
  size_t best = 0;
  for (size_t i = 1; i < output_count / (size_t)oriel_context_batch(context); ++i) {
    best = logits[i] > logits[best] ? i : best;
  }
  printf("class %zu with logit %g\n", best, logits[best]);
  free(logits);
  free(image);
  oriel_context_release(context);
  oriel_module_release(module);
  return EXIT_SUCCESS;
}
