// The loop that the documentation quotes, as a whole program: accuracy MODULE.so FOLDER prints the
// share of the pictures that the module classifies right. The module has class names.

#include "oriel/data.h"
#include "oriel/runtime.h"

#include <algorithm>
#include <cstdio>

using namespace oriel::data;

/// How many rows of logits are largest at their label.
static int64_t countCorrect(const std::vector<float> &logits, size_t classCount,
                            const std::vector<int64_t> &labels) {
  int64_t correct = 0;
  auto classes = ptrdiff_t(classCount);
  for (size_t i = 0; i < labels.size(); ++i) {
    auto row = logits.begin() + ptrdiff_t(i) * classes;
    correct += std::max_element(row, row + classes) - row == labels[i];
  }
  return correct;
}

static double accuracy(oriel_context *context, const oriel_signature &signature,
                       const std::string &folder) {
  size_t batchSize = size_t(oriel_context_batch(context));
  std::vector<std::string> classNames(signature.class_names,
                                      signature.class_names + signature.class_count);
  oriel_error error;
  int64_t correct = 0;

  ImageFolder pictures(folder, ImageTransform(signature), classNames);
  DataLoader loader(pictures, {.batchSize = batchSize, .workers = 2});
  std::vector<float> logits(batchSize * classNames.size());
  for (Batch &batch : loader) {
    batch.padInputs(batchSize); // The last batch may be smaller, what a context runs may not.
    const void *inputs[] = {batch.inputs.data()};
    void *outputs[] = {logits.data()};
    if (oriel_context_run(context, inputs, outputs, &error) != ORIEL_OK) {
      throw Error(error.message);
    }
    correct += countCorrect(logits, classNames.size(), batch.labels);
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
