#include "../ExampleModule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <dirent.h>

using namespace oriel::test;

namespace {

oriel_module *mustLoad(const std::string &path, uint64_t hiddenFeatures = 0,
                       const char *target = nullptr) {
  oriel_load_options options = {sizeof options, 1, hiddenFeatures, 0, 0, target};
  oriel_module *module = nullptr;
  oriel_error error = {};
  EXPECT_EQ(oriel_module_load(path.c_str(), &options, &module, &error), ORIEL_OK) << error.message;
  return module;
}

/// Runs item 0 of a one-item input and gives the logits.
std::vector<float> runOnce(oriel_module *module) {
  oriel_context_options options = {};
  options.struct_size = sizeof options;
  options.batch = 1;
  oriel_context *context = nullptr;
  oriel_error error = {};
  EXPECT_EQ(oriel_context_create(module, &options, &context, &error), ORIEL_OK) << error.message;
  std::vector<float> input = exampleInput(1, 3), output(exampleClasses);
  const void *inputs[] = {input.data()};
  void *outputs[] = {output.data()};
  EXPECT_EQ(oriel_context_run(context, inputs, outputs, &error), ORIEL_OK) << error.message;
  oriel_context_release(context);
  return output;
}

int openDescriptors() {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(folder) != nullptr) {
    ++count;
  }
  closedir(folder);
  return count;
}

TEST(Module, ShowsItsTables) {
  TemporaryFolder folder;
  oriel_module *module = mustLoad(folder.write("module.so", exampleModule(folder)));
  const oriel_module_descriptor *descriptor = oriel_module_describe(module);
  EXPECT_STREQ(descriptor->model_name, "example");
  EXPECT_EQ(descriptor->signature->inputs[0].dims[1], 3);
  EXPECT_EQ(descriptor->variants[0].launches[1].kernel, 1);
  EXPECT_STREQ(descriptor->signature->class_names[15], "pi");
  oriel_module_release(module);
}

TEST(Module, RefusesAnElementTypeThatItDoesNotKnow) {
  TemporaryFolder folder;
  Bytes elf = exampleElf();
  // element_type and rank of the input. A program header has these bytes, too: PT_LOAD, PF_R.
  const Bytes fields = {ORIEL_ELEMENT_F32, 0, 0, 0, 4, 0, 0, 0};
  auto place = std::find_end(elf.begin(), elf.end(), fields.begin(), fields.end());
  ASSERT_NE(place, elf.end());
  constexpr ptrdiff_t elfHeaders = 64 + 56 * 16;
  ASSERT_GT(place - elf.begin(), elfHeaders);
  for (uint8_t type : {uint8_t(ORIEL_ELEMENT_U8), uint8_t(ORIEL_ELEMENT_U8 + 1)}) {
    *place = type;
    std::string path = folder.write("module.so", exampleModule(folder, elf));
    oriel_module *module = nullptr;
    oriel_error error = {};
    oriel_status status = oriel_module_load(path.c_str(), nullptr, &module, &error);
    EXPECT_EQ(status, type == ORIEL_ELEMENT_U8 ? ORIEL_OK : ORIEL_UNSUPPORTED_ABI);
    if (status != ORIEL_OK) {
      EXPECT_NE(strstr(error.message, "of an element type that this runtime"), nullptr)
          << error.message;
    }
    oriel_module_release(module);
  }
}

TEST(Module, ChoosesTheFirstVariantThatProcessorAndBatchAllow) {
  TemporaryFolder folder;
  std::string path = folder.write("module.so", exampleModule(folder));
  oriel_module *module = mustLoad(path), *limited = mustLoad(path, ORIEL_ISA_AVX2);
  bool hasV3 = (ORIEL_ISA_X86_64_V3 & ~oriel_cpu_features()) == 0;
  EXPECT_STREQ(oriel_module_variant(module, 0)->target, hasV3 ? "x86-64-v3" : "x86-64-v2");
  EXPECT_STREQ(oriel_module_variant(limited, 0)->target, "x86-64-v2");
  EXPECT_NE(oriel_module_variant(module, 8), nullptr);
  EXPECT_EQ(oriel_module_variant(module, 9), nullptr);
  EXPECT_EQ(oriel_module_variant(module, -1), nullptr);
  oriel_module_release(module);
  oriel_module_release(limited);
}

TEST(Module, KeepsToTheVariantItIsLoadedFor) {
  TemporaryFolder folder;
  std::string path = folder.write("module.so", exampleModule(folder));
  oriel_module *module = mustLoad(path, 0, "x86-64-v2");
  EXPECT_STREQ(oriel_module_variant(module, 0)->target, "x86-64-v2");
  EXPECT_EQ(runOnce(module), exampleResult(exampleInput(1, 3).data()));
  oriel_module_release(module);
}

TEST(Module, TakesAnOlderCallersOptions) {
  TemporaryFolder folder;
  std::string path = folder.write("module.so", exampleModule(folder));
  // As from before `target` was there: what lies behind is not read.
  oriel_load_options options = {offsetof(oriel_load_options, target), 0, 0, 0, 0, "x86-64-v5"};
  oriel_module *module = nullptr;
  EXPECT_EQ(oriel_module_load(path.c_str(), &options, &module, nullptr), ORIEL_OK);
  oriel_module_release(module);
}

TEST(Module, CanBeInspectedButNotRunWithoutItsProcessor) {
  TemporaryFolder folder;
  std::string path = folder.write("module.so", exampleModule(folder));
  oriel_load_options options = {sizeof options, 1, ~uint64_t(0), 1, 0, nullptr};
  oriel_module *module = nullptr;
  oriel_error error;
  ASSERT_EQ(oriel_module_load(path.c_str(), &options, &module, &error), ORIEL_OK) << error.message;
  EXPECT_STREQ(oriel_module_describe(module)->variants[0].target, "x86-64-v3");
  oriel_context *context = nullptr;
  EXPECT_EQ(oriel_context_create(module, nullptr, &context, &error), ORIEL_INVALID_ARGUMENT);
  EXPECT_NE(strstr(error.message, "was loaded for inspection"), nullptr);
  oriel_module_release(module);
}

TEST(Module, OutlivesItsReleaseWhileAContextUsesIt) {
  TemporaryFolder folder;
  oriel_module *module = mustLoad(folder.write("module.so", exampleModule(folder)));
  oriel_context *context = nullptr;
  ASSERT_EQ(oriel_context_create(module, nullptr, &context, nullptr), ORIEL_OK);
  oriel_module_release(module);
  std::vector<float> input = exampleInput(2, 5), output(2 * exampleClasses);
  const void *inputs[] = {input.data()};
  void *outputs[] = {output.data()};
  EXPECT_EQ(oriel_context_run(context, inputs, outputs, nullptr), ORIEL_OK);
  EXPECT_EQ(std::vector<float>(output.begin(), output.begin() + exampleClasses),
            exampleResult(input.data()));
  oriel_context_release(context);
}

// The dynamic linker remembers names, and the numbers of descriptors come back.
TEST(Module, IsNeverTakenForAnEarlierOne) {
  TemporaryFolder folder;
  Bytes bytes = exampleModule(folder);
  std::string first = folder.write("first.so", bytes);
  oriel_module *kept = mustLoad(first), *again = mustLoad(first);
  oriel_module_release(again);
  // A different file, told apart by its parameters' place: the weights are the same.
  std::string second = folder.write("second.so", bytes);
  oriel_module *other = mustLoad(second);
  EXPECT_NE(oriel_module_describe(kept), oriel_module_describe(other));
  EXPECT_EQ(runOnce(kept), exampleResult(exampleInput(1, 3).data()));
  EXPECT_EQ(runOnce(other), exampleResult(exampleInput(1, 3).data()));
  oriel_module_release(kept);
  oriel_module_release(other);
}

TEST(Module, RunsAfterItsFileIsRemoved) {
  TemporaryFolder folder;
  std::string path = folder.write("module.so", exampleModule(folder));
  oriel_module *module = mustLoad(path);
  std::remove(path.c_str());
  EXPECT_EQ(runOnce(module), exampleResult(exampleInput(1, 3).data()));
  oriel_module_release(module);
}

TEST(Module, LeavesNothingOpen) {
  TemporaryFolder folder;
  Bytes bytes = exampleModule(folder);
  std::string whole = folder.write("whole.so", bytes);
  bytes.pop_back();
  std::string cut = folder.write("cut.so", bytes);
  int before = openDescriptors();
  for (int i = 0; i < 3; ++i) {
    oriel_module_release(mustLoad(whole));
    oriel_module *none = nullptr;
    EXPECT_EQ(oriel_module_load(cut.c_str(), nullptr, &none, nullptr), ORIEL_DAMAGED_MODULE);
    EXPECT_EQ(none, nullptr);
  }
  EXPECT_EQ(openDescriptors(), before);
}

TEST(Module, NullIsRefusedAndReleasingNullDoesNothing) {
  oriel_error error;
  oriel_module *module = nullptr;
  EXPECT_EQ(oriel_module_load(nullptr, nullptr, &module, &error), ORIEL_INVALID_ARGUMENT);
  EXPECT_EQ(oriel_module_load("x.so", nullptr, nullptr, &error), ORIEL_INVALID_ARGUMENT);
  oriel_module_release(nullptr);
  oriel_context_release(nullptr);
  oriel_pool_release(nullptr);
}

TEST(FeatureNames, AreLlvmsAndAreCutOffSafely) {
  char text[64];
  EXPECT_STREQ(oriel_feature_names(ORIEL_ISA_AVX2 | ORIEL_ISA_FMA, text, sizeof text), "avx2, fma");
  EXPECT_STREQ(oriel_feature_names(0, text, sizeof text), "");
  EXPECT_STREQ(oriel_feature_names(ORIEL_ISA_AVX2 | ORIEL_ISA_FMA, text, 7), "avx2, ");
  EXPECT_STREQ(oriel_feature_names(uint64_t(1) << 60, text, sizeof text),
               "features that this runtime does not know");
}

TEST(CpuFeatures, AgreeWithTheCompilersOwnDetection) {
  uint64_t features = oriel_cpu_features();
  __builtin_cpu_init();
  EXPECT_EQ((features & ORIEL_ISA_AVX2) != 0, __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ((features & ORIEL_ISA_FMA) != 0, __builtin_cpu_supports("fma") != 0);
  EXPECT_EQ((features & ORIEL_ISA_AVX512F) != 0, __builtin_cpu_supports("avx512f") != 0);
  EXPECT_EQ((features & ORIEL_ISA_AVX512VL) != 0, __builtin_cpu_supports("avx512vl") != 0);
  EXPECT_EQ((features & ORIEL_ISA_AVX512BF16) != 0, __builtin_cpu_supports("avx512bf16") != 0);
  auto hasLevel = [&](uint64_t level) { return (level & ~features) == 0; };
  EXPECT_EQ(hasLevel(ORIEL_ISA_X86_64_V2), __builtin_cpu_supports("x86-64-v2") != 0);
  EXPECT_EQ(hasLevel(ORIEL_ISA_X86_64_V3), __builtin_cpu_supports("x86-64-v3") != 0);
  EXPECT_EQ(hasLevel(ORIEL_ISA_X86_64_V4), __builtin_cpu_supports("x86-64-v4") != 0);
}

} // namespace
