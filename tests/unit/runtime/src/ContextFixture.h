// The example module, and contexts that run it.

#ifndef ORIEL_TESTS_UNIT_RUNTIME_SRC_CONTEXTFIXTURE_H
#define ORIEL_TESTS_UNIT_RUNTIME_SRC_CONTEXTFIXTURE_H

#include "../ExampleModule.h"

#include <gtest/gtest.h>

namespace oriel::test {

class ContextTest : public testing::Test {
protected:
  void SetUp() override {
    std::string path = folder.write("module.so", exampleModule(folder));
    ASSERT_EQ(oriel_module_load(path.c_str(), nullptr, &module, &error), ORIEL_OK) << error.message;
  }
  void TearDown() override { oriel_module_release(module); }

  oriel_context_options options(int batch, int threads) {
    oriel_context_options options = {};
    options.struct_size = sizeof options;
    options.batch = batch;
    options.threads = threads;
    return options;
  }
  oriel_context *create(const oriel_context_options &options) {
    oriel_context *context = nullptr;
    EXPECT_EQ(oriel_context_create(module, &options, &context, &error), ORIEL_OK) << error.message;
    return context;
  }
  oriel_status run(oriel_context *context, const std::vector<float> &input,
                   std::vector<float> &output) {
    output.assign(input.size() / exampleChannels * exampleClasses, -1.0f);
    const void *inputs[] = {input.data()};
    void *outputs[] = {output.data()};
    return oriel_context_run(context, inputs, outputs, &error);
  }

  TemporaryFolder folder;
  oriel_module *module = nullptr;
  oriel_error error = {};
};

/// What the example makes of the items of `input`.
inline std::vector<float> expected(const std::vector<float> &input) {
  std::vector<float> result;
  for (size_t begin = 0; begin < input.size(); begin += exampleChannels) {
    std::vector<float> item = exampleResult(input.data() + begin);
    result.insert(result.end(), item.begin(), item.end());
  }
  return result;
}

} // namespace oriel::test

#endif // ORIEL_TESTS_UNIT_RUNTIME_SRC_CONTEXTFIXTURE_H
