// The loop that the documentation quotes, as a whole program: accuracy MODULE.so FOLDER prints the
// share of the pictures that the module classifies right. The module has class names.

#include "oriel/data.h"
#include "oriel/runtime.h"

#include <algorithm>
#include <cstdio>

using namespace oriel::data;

static double accuracy(oriel_context *context, const oriel_signature &signature,
                       const std::string &folder) {
  size_t batchSize = size_t(oriel_context_batch(context));
  std::vector<std::string> classNames(signature.class_names,
                                      signature.class_names + signature.class_count);
  oriel_error error;

  ImageFolder pictures(folder, ImageTransform(signature), classNames);
  DataLoader loader(pictures, {.batchSize = batchSize, .workers = 2});
  std::vector<float> logits(batchSize * classNames.size());
  int64_t correct = 0;
  for (Batch &batch : loader) {
    batch.padInputs(batchSize); // A context's batch is fixed; the last one may have fewer pictures.
    const void *inputs[] = {batch.inputs.data()};
    void *outputs[] = {logits.data()};
    if (oriel_context_run(context, inputs, outputs, &error) != ORIEL_OK) {
      throw Error(error.message);
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      auto row = logits.begin() + ptrdiff_t(i * classNames.size());
      auto best = std::max_element(row, row + ptrdiff_t(classNames.size()));
      correct += best - row == batch.labels[i];
    }
  }
  return double(correct) / double(pictures.size());
}

int main(int argc, char **argv) {
  oriel_module *module = nullptr;
  oriel_context *context = nullptr;
  oriel_error error;
  if (argc != 3 || oriel_module_load(argv[1], nullptr, &module, &error) != ORIEL_OK ||
      oriel_context_create(module, nullptr, &context, &error) != ORIEL_OK) {
    fprintf(stderr, "%s\n", argc != 3 ? "accuracy MODULE.so FOLDER" : error.message);
    return 1;
  }
  int status = 0;
  try {
    printf("%.6f\n", accuracy(context, *oriel_module_describe(module)->signature, argv[2]));
  } catch (const Error &failure) {
    fprintf(stderr, "%s\n", failure.what());
    status = 1;
  }
  oriel_context_release(context);
  oriel_module_release(module);
  return status;
}
